"""Numbers as the telephone prompts read them, so that "3" and "three" are no difference between transcripts."""
import re

DIGITS = "zero one two three four five six seven eight nine".split()
SYMBOLS = {"%": " percent ", "#": " pound ", "*": " star ", "&": " and "}


def spoken(text):
    for symbol, name in SYMBOLS.items():
        text = text.replace(symbol, name)
    return re.sub(r"\d", lambda digit: f" {DIGITS[int(digit[0])]} ", text)
