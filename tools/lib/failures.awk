# Shows what matters of the log of a failed stage: each complaint with the lines that follow it,
# or the end of the log when nothing in it looks like a complaint. Never more than 150 lines.
{ line[NR] = $0 }
/Failure$|^(.*: )?error[: ]|FAILED|\*\*\*(Failed|Exception|Timeout)|ERROR:|runtime error|WARNING: ThreadSanitizer|^not ok|AssertionError|^error/ {
  for (i = NR; i < NR + 12; i++) wanted[i] = 1
  found = 1
}
END {
  if (!found) for (i = NR - 40; i <= NR; i++) wanted[i] = 1
  for (i = 1; i <= NR && shown < 150; i++) if (wanted[i] && i in line) { print "  | " line[i]; shown++ }
}
