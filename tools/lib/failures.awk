# Shows what matters of the log of a failed stage. Of CTest: what each failed test said, without
# the tests in it that passed. Of others: each complaint with the lines that follow it, or the end
# of the log when nothing in it looks like a complaint. Never more than 60 lines of one test.
{ gsub(/\033\[[0-9;]*[A-Za-z]/, "") }
/^[0-9]+: / {
  id = $1 + 0
  text = substr($0, length($1) + 2)
  if (text !~ /^(Test command|Working Directory|Test timeout computed|Environment variables)|^ *$|^\[( RUN|       OK|---|===)/)
    said[id, ++count[id]] = text
  next
}
/ Test +#[0-9]+: .*\*\*\*/ {
  match($0, /#[0-9]+/)
  id = substr($0, RSTART + 1, RLENGTH - 1) + 0
  print "  | " substr($0, RSTART)
  for (i = 1; i <= count[id] && i <= 60; i++) print "  |   " said[id, i]
  if (count[id] > 60) print "  |   and " count[id] - 60 " lines more"
  of_ctest = 1
  next
}
{ line[++n] = $0 }
/(^|[: ])error[: ]|[Ff]ailed|FAILED|ERROR|runtime error|AssertionError|^not ok| ✘ |^ *[×✗] / {
  for (i = n; i < n + 12; i++) wanted[i] = 1
  found = 1
}
END {
  if (of_ctest) exit
  if (!found) for (i = n - 40; i <= n; i++) wanted[i] = 1
  for (i = 1; i <= n && shown < 60; i++) if (wanted[i]) { print "  | " line[i]; shown++ }
}
