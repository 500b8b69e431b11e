"""Opens pages in headless Chromium and says what it saw, as JSON.

Standard input: {"chromium": PATH, "shots": FOLDER or null, "pages": {NAME: FILE}}.
Every page is opened in both themes and three widths. Looks with axe-core for what people
with other eyes and hands would trip over; counts requests; tries the keyboard.
"""

import json
import sys
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import sync_playwright

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WIDTHS = [390, 820, 1440]
THEMES = ["light", "dark"]


def look(browser, name, file, theme, width, shots):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, device_scale_factor=1
    )
    page = context.new_page()
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(Path(file).as_uri())
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    # Runs in the page by the debugger's hand, which its policy does not forbid.
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    violations = [
        f"{one['id']}: {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    main = page.evaluate("document.activeElement.tagName")
    if shots:
        page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
        page.screenshot(path=f"{shots}/{name}-{width}-{theme}.png", full_page=True)
    context.close()
    return {
        "page": name,
        "theme": theme,
        "width": width,
        "requests": requests,
        "complaints": complaints,
        "overflow": overflow,
        "violations": violations,
        "checked": len(found.get("passes", [])) + len(found["violations"]),
        "background": background,
        "first_focus": first,
        "after_skip": main,
    }


def main():
    asked = json.load(sys.stdin)
    with sync_playwright() as play:
        # The sandbox needs rights that a container lacks; the pages are this program's own.
        browser = play.chromium.launch(
            executable_path=asked["chromium"], args=["--no-sandbox", "--disable-gpu"]
        )
        seen = [
            look(browser, name, file, theme, width, asked["shots"])
            for name, file in asked["pages"].items()
            for theme in THEMES
            for width in WIDTHS
        ]
        browser.close()
    json.dump(seen, sys.stdout, indent=1)


main()
