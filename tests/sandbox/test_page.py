"""The page's fault panel sets what it shows, for whom and on which calls, and switches the world; DMs may be encrypted."""

from pathlib import Path

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from sandbox.stage import Stage
from tests.browser import browser

ROW = "[data-fault=refuse_before] "


def test_faults_and_the_world_are_switched_on_the_page(stage: Stage, tmp_path: Path) -> None:
    with browser(stage.url, tmp_path / "profile") as page:
        find = page.driver.find_element
        find(By.CSS_SELECTOR, ROW + "input[type=checkbox]").click()
        Select(find(By.CSS_SELECTOR, ROW + "[name=answer]")).select_by_value("html")
        Select(find(By.CSS_SELECTOR, ROW + "[name=on]")).select_by_value("repost")
        Select(find(By.CSS_SELECTOR, ROW + "[name=whose]")).select_by_visible_text("@LluviaYa")

        def is_set() -> bool:
            fault = stage.get("/sandbox/state")["faults"]["refuse_before"]
            return (fault["rate"], fault["answer"], fault["on"], fault["whose"]) == (
                1,
                "html",
                ["repost"],
                ["lluviaya"],
            )

        stage.wait("the fault is set as the page shows it", is_set)
        find(By.ID, "world").click()
        stage.wait("the world is on", lambda: stage.get("/sandbox/world")["on"])
        stage.world(False)
        stage.wait("the page sees it", lambda: not find(By.ID, "world").is_selected())
        find(By.CSS_SELECTOR, ROW + "input[type=checkbox]").click()
        stage.wait("all is well", lambda: stage.get("/sandbox/state")["faults"]["refuse_before"]["rate"] == 0)
        find(By.ID, "phone-keys").click()
        stage.wait("its owner has keys", lambda: stage.get("/sandbox/x/chat")["public_keys"]["TraficoValle"])
        Select(find(By.ID, "kind")).select_by_value("dm")
        find(By.ID, "encrypted").click()
        find(By.ID, "post").send_keys("Choque en el puente")
        find(By.CSS_SELECTOR, "#compose .primary").click()
        stage.wait("it is written by X Chat", lambda: stage.get("/sandbox/x/chat")["conversations"])
        find(By.XPATH, "//button[text()='+ forum']").click()
        forum = stage.wait(
            "a forum is there",
            lambda: next((c for c in stage.get("/sandbox/state")["chats"] if c["inside"]["forum"]), None),
        )
        Select(find(By.ID, "where")).select_by_value(str(forum["id"]))
        stage.wait("its page", lambda: page.driver.find_elements(By.XPATH, "//button[text()='+ topic']"))
        find(By.XPATH, "//button[text()='+ topic']").click()
        stage.wait("it has a topic", lambda: "# Tema 1" in find(By.ID, "where").text)
        page.picture(tmp_path / "page.png")
        assert page.errors() == []
