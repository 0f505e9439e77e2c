"""Another Spark, in a process and Python environment of its own: a statement comes in as a line of JSON, its rows go out."""
import json
import os
import pathlib
import sys

import spark
from values import plain


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Spark and its JVM print is no answer
    session = spark.session(pathlib.Path(sys.argv[1]))
    for line in sys.stdin:
        try:
            answer = {"rows": [plain(row) for row in session.sql(json.loads(line)).collect()]}
        except Exception as error:  # whatever it is, whoever asked must be told
            answer = {"error": str(error)}
        print(json.dumps(answer), file=answers, flush=True)


main()
