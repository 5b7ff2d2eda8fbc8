"""A headless Chromium on the sandbox's page, driven as a person would: seen, tapped, typed."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from sandbox.stage import PATIENCE_S

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--lang=en",
)


class Page:
    """The sandbox's page."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self.driver = driver
        driver.get(url)
        self.wait_text("#stream", "stream")

    def say(self, text: str) -> None:
        """Type into the phone and send."""
        box = self.driver.find_element(By.ID, "text")
        box.send_keys(text)
        self.driver.find_element(By.CSS_SELECTOR, "#write .send").click()

    def chip(self, start: str) -> None:
        """Tap one of the suggestions over the phone's keyboard."""
        self._click(f"//div[@id='chips']/button[starts-with(@title, '{start}')]")

    def tap(self, label: str) -> None:
        """Tap the newest button under a message that holds this label."""
        self._click(f"(//div[@class='keys']//button[contains(., '{label}')])[last()]")

    def mention(self, start: str) -> None:
        """Pick one of the prepared messages and send it."""
        self._click(f"//div[@id='lines']/button[contains(., '{start}')]")
        self.driver.find_element(By.CSS_SELECTOR, "#compose .primary").click()

    def hold_phone_of(self, name: str) -> None:
        select = Select(self.driver.find_element(By.ID, "person"))
        select.select_by_visible_text(next(o.text for o in select.options if o.text.startswith(name)))

    def authorize_in_new_window(self, phone: str) -> str:
        """On X's page, which the button opened: say yes; what the page after it shows. Then back to the chat."""
        home = self.driver.current_window_handle
        WebDriverWait(self.driver, PATIENCE_S).until(lambda d: len(d.window_handles) == 2)
        self.driver.switch_to.window(next(h for h in self.driver.window_handles if h != home))
        self._click("//button[@class='yes']")
        WebDriverWait(self.driver, PATIENCE_S).until(lambda d: "callback" in d.current_url)
        text: str = self.driver.find_element(By.TAG_NAME, "body").text
        self._click("//a[contains(@href, 'start=')]")
        self._click(f"//button[.='{phone}']")
        WebDriverWait(self.driver, PATIENCE_S).until(lambda d: "The chat is open" in d.page_source)
        self.driver.close()
        self.driver.switch_to.window(home)
        return text

    def wait_text(self, css: str, text: str, within: float = PATIENCE_S) -> None:
        """Until an element holds a text."""
        WebDriverWait(self.driver, within).until(
            lambda d: text in d.execute_script(
                "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent).join('\\n')", css
            )
        )  # fmt: skip

    def wait_count(self, css: str, count: int, within: float = PATIENCE_S) -> None:
        """Until so many elements are there."""
        WebDriverWait(self.driver, within).until(lambda d: len(d.find_elements(By.CSS_SELECTOR, css)) == count)

    def press(self, css: str) -> None:
        """Click what this selects, once it is there."""
        self._do("document.querySelector(arguments[0])", css, "e.click()")

    def button(self, label: str) -> None:
        """Click the button with this on it, once it is there."""
        self._click(f"//button[text()='{label}']")

    def choose(self, css: str, value: str) -> None:
        """Choose a value of a list, once it has it."""
        self._do(
            f"document.querySelector(arguments[0])?.querySelector('option[value={json.dumps(value)}]')",
            css,
            "e.selected = true; e.parentElement.dispatchEvent(new Event('change', {bubbles: true}))",
        )

    def is_on(self, css: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.driver.execute_script("return document.querySelector(arguments[0])?.checked", css))

    def errors(self) -> list[str]:
        """What the browser's console complained of."""
        logged: list[dict[str, str]] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [e["message"] for e in logged if e["level"] == "SEVERE"]

    def picture(self, path: Path) -> None:
        self.driver.save_screenshot(str(path))

    def _click(self, xpath: str) -> None:
        self._do("document.evaluate(arguments[0], document, null, 9, null).singleNodeValue", xpath, "e.click()")

    def _do(self, found: str, by: str, what: str) -> None:
        """The page may be drawn anew between the look and the deed: both happen in one step in the browser."""
        script = f"const e = {found}; if (!e) return false; {what}; return true;"
        WebDriverWait(self.driver, PATIENCE_S).until(lambda driver: driver.execute_script(script, by))


@contextmanager
def browser(url: str, profile: Path, width: int = 1400, height: int = 900) -> Iterator[Page]:
    """A browser of its own, with an empty profile."""
    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--window-size={width},{height}", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.binary_location = str(shutil.which("chromium"))
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        yield Page(driver, url)
    finally:
        driver.quit()
