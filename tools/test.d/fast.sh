# Unit tests and the checks of the source.
exec bash tools/test.d/label.sh fast
