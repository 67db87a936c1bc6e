"""Word error rate of a transcript, after both texts are made comparable."""

import re

DIGITS = "zero one two three four five six seven eight nine".split()
SYMBOLS = {"%": " percent ", "#": " pound ", "*": " star ", "&": " and "}


def words(text):
    """Lower case letters only; numbers digit by digit, as the prompts read them."""
    text = text.lower().replace("'", "").replace("’", "")
    for symbol, name in SYMBOLS.items():
        text = text.replace(symbol, name)
    text = re.sub(r"\d", lambda digit: f" {DIGITS[int(digit[0])]} ", text)
    return re.findall(r"[a-z]+", text)


def word_errors(reference, heard):
    """Edits (substituted, missing, added words) and the number of the reference's words."""
    expected, found = words(reference), words(heard)
    row = list(range(len(found) + 1))
    for i, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(found, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1], len(expected)
