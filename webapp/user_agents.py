"""A browser in a few words, from what it calls itself: enough for its owner to know it again."""

from __future__ import annotations

# What is named later in the list is what others call themselves too (RFC 9110, 10.1.5: "User-Agent" is a history).
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("Wget/", "wget"),
    ("python", "Python"),
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Macintosh", "a Mac"),
    ("Linux", "Linux"),
)


def browser(agent: str) -> str:
    """``Firefox on Linux``; "a browser" or "a program" where nothing is known."""
    name = next((name for mark, name in BROWSERS if mark in agent), "A browser" if "Mozilla" in agent else "A program")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{name} on {system}" if system else name
