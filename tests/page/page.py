#!/usr/bin/env python3
"""Opens the report's page in a headless browser and looks at what it draws.

    page.py light|dark PROGRAM FOLDER_WITH_MEASUREMENTS WORK_FOLDER
"""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

scheme, program, measurements, work = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])

# Runs within a copy of the page: what the browser made of it.
LOOK = """
<script>
const colour = e => getComputedStyle(e).fill, seen = [];
const shown = e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0; };
for (const svg of document.querySelectorAll('svg')) {
  const box = svg.getBoundingClientRect();
  const marks = [...svg.querySelectorAll('rect, circle, path')].filter(shown);
  const inside = [...svg.querySelectorAll('text, rect, circle')].filter(e => {
    const b = e.getBoundingClientRect();
    return b.left < box.left - 1 || b.right > box.right + 1 || b.top < box.top - 1 || b.bottom > box.bottom + 1;
  }).map(e => e.outerHTML.slice(0, 120));
  seen.push({name: svg.getAttribute('aria-label'), width: box.width, height: box.height, marks: marks.length,
    fills: [...new Set([...svg.querySelectorAll('rect, circle')].map(colour))], text: colour(svg.querySelector('text')), outside: inside});
}
const result = {dark: matchMedia('(prefers-color-scheme: dark)').matches, ground: getComputedStyle(document.querySelector('section')).backgroundColor,
  text: getComputedStyle(document.body).color, plots: seen, tables: document.querySelectorAll('table').length,
  too_wide: document.documentElement.scrollWidth > innerWidth,
  hidden: [...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.trim().slice(0, 60)), badges: [...document.querySelectorAll('.badge')].map(b => {
    const s = getComputedStyle(b); return [b.textContent, s.color, s.backgroundColor]; }),
  dead_links: [...document.querySelectorAll('nav a')].filter(a => !document.querySelector(a.getAttribute('href'))).map(a => a.textContent)};
const out = document.createElement('pre'); out.id = 'result'; out.textContent = JSON.stringify(result); document.body.append(out);
</script>
"""


def browser():
    names = [os.environ.get("CINESCRIBE_BROWSER", ""), "chromium", "chromium-browser", "google-chrome", "chrome", "chromium-headless-shell"]
    return next((found for found in map(shutil.which, filter(None, names)) if found), None)


def open_page(page, *flags):
    profile = work / "profile"
    scheme_flag = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    command = [found, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
               "--host-resolver-rules=MAP * ~NOTFOUND", *scheme_flag, *flags, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120).stdout


def luminance(css):
    channels = [int(v) / 255 for v in re.findall(r"\d+", css)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def png_colours(path):
    """How many different pixels an 8-bit RGB(A) PNG has, in a sample of its rows."""
    data = path.read_bytes()
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert depth == 8 and kind in (2, 6), (depth, kind)
    channels, at, packed = (3 if kind == 2 else 4), 8, b""
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at:at + 8])
        packed += data[at + 8:at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    raw, stride = zlib.decompress(packed), width * channels + 1
    return len({raw[y * stride + 1 + x:y * stride + 1 + x + channels] for y in range(0, height, 7) for x in range(0, width * channels, channels)})


found = browser()
if found is None:
    print(f"SKIPPED page.report_{scheme}: no browser was found; install chromium, or set CINESCRIBE_BROWSER")
    sys.exit(77)
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
subprocess.run([program, "report", str(measurements), "-o", str(work)], check=True, timeout=120)
looked_at = work / "looked_at.html"
looked_at.write_text((work / "report.html").read_text().replace("</body>", LOOK + "</body>"))
for width in (1200, 500):
    dom = open_page(looked_at, f"--window-size={width},900", "--dump-dom")
    match = re.search(r'<pre id="result">(.*?)</pre>', dom, re.S)
    assert match, f"the browser gave no result: {dom[:400]}"
    result = json.loads(match[1].replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&"))
    assert result["dark"] == (scheme == "dark")
    assert (luminance(result["ground"]) < 0.1) == (scheme == "dark"), result["ground"]
    assert contrast(result["text"], result["ground"]) > 7, (result["text"], result["ground"])
    assert len(result["plots"]) == 6, [p["name"] for p in result["plots"]]
    for plot in result["plots"]:
        assert plot["width"] > 300 and plot["height"] > 60 and plot["marks"] >= 2, plot
        assert not plot["outside"], f"{plot['name']}: drawn outside of the picture: {plot['outside']}"
        assert contrast(plot["text"], result["ground"]) > 4.5, plot
        for fill in plot["fills"]:
            assert contrast(fill, result["ground"]) > 2.5 or fill == result["ground"], (plot["name"], fill, result["ground"])
    for words, text, ground in result["badges"]:
        assert contrast(text, ground) > 4.5, (words, text, ground)
    assert result["tables"] >= 10 and not result["dead_links"], result["dead_links"]
    assert not result["too_wide"], f"the page must not be scrolled sideways at {width} pixels"
    assert width < 1200 or not result["hidden"], f"to be scrolled sideways at {width} pixels: {result['hidden']}"
open_page(work / "report.html", "--window-size=1200,2400", f"--screenshot={work / 'page.png'}")
assert png_colours(work / "page.png") > 30, "the picture of the page is nearly empty"
print(f"{found}: 6 plots, {result['tables']} tables, readable in {scheme}")
