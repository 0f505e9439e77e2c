# Included before the program of a check: code(line) is the line without comments and without the
# contents of strings, so that a word in a sentence is not taken for a call. allowed(rule) says
# whether this line or the one before carries the comment 'allow(rule): reason'.
function code(text,    out, at, rest) {
  if (FNR == 1) { in_block = 0; raw_end = ""; previous = ""; current = "" }
  previous = current; current = text
  out = ""
  while (text != "") {
    if (in_block) {
      at = index(text, "*/")
      if (!at) return out
      text = substr(text, at + 2); in_block = 0
      continue
    }
    if (raw_end != "") {
      at = index(text, raw_end)
      if (!at) return out
      text = substr(text, at + length(raw_end)); raw_end = ""
      continue
    }
    # The next thing that could hide code, or the end of the line.
    if (!match(text, /\/\/|\/\*|R"[^(]*\(|"|'/)) return out text
    out = out substr(text, 1, RSTART - 1)
    rest = substr(text, RSTART)
    if (rest ~ /^\/\//) return out
    if (rest ~ /^\/\*/) { in_block = 1; text = substr(rest, 3); continue }
    if (rest ~ /^R"/) {
      raw_end = ")" substr(rest, 3, RLENGTH - 3) "\""
      text = substr(rest, RLENGTH + 1); continue
    }
    # 1'000 is a number, not the start of a character.
    if (rest ~ /^'/ && out ~ /[0-9a-fA-F]$/ && rest ~ /^'[0-9a-fA-F]/) { text = substr(rest, 2); continue }
    if (match(rest, /^"([^"\\]|\\.)*"/) || match(rest, /^'([^'\\]|\\.)+'/)) {
      out = out substr(rest, 1, 1) substr(rest, 1, 1)
      text = substr(rest, RLENGTH + 1)
    } else return out
  }
  return out
}
function allowed(rule) { return index(current previous, "allow(" rule "): ") > 0 }
function complain(what) { print FILENAME ":" FNR ": " what }
