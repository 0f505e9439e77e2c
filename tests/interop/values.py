"""Values of all engines written alike, so that rows can be compared. Any Python runs this: it needs no package."""
import datetime
import decimal
import math


def plain(value):
    """A value as text, or lists and dictionaries of texts; None stays None. Times are in UTC, without saying so."""
    if value is None:
        return None
    if hasattr(value, "asDict"):  # a row or struct of Spark
        value = value.asDict()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return plain_time(value.isoformat(sep=" "))
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


def plain_time(text):
    """The text of a time without zeros at its end."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def ordered(rows):
    """Rows in an order that depends on their values only."""
    return sorted(rows, key=lambda row: tuple((value is None, repr(value)) for value in row.values()))
