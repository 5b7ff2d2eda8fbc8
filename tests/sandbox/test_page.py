"""The page's fault panel sets what it shows, for whom and on which calls, and switches the world; DMs may be encrypted."""

from pathlib import Path

from selenium.webdriver.common.by import By

from sandbox.stage import Stage
from tests.browser import browser

ROW = "[data-fault=refuse_before] "


def test_faults_and_the_world_are_switched_on_the_page(stage: Stage, tmp_path: Path) -> None:
    with browser(stage.url, tmp_path / "profile") as page:
        find = page.driver.find_element
        page.press(ROW + "input[type=checkbox]")
        page.choose(ROW + "[name=answer]", "html")
        page.choose(ROW + "[name=on]", "repost")
        page.choose(ROW + "[name=whose]", "LluviaYa")

        def is_set() -> bool:
            fault = stage.get("/sandbox/state")["faults"]["refuse_before"]
            return (fault["rate"], fault["answer"], fault["on"], fault["whose"]) == (
                1,
                "html",
                ["repost"],
                ["lluviaya"],
            )

        stage.wait("the fault is set as the page shows it", is_set)
        page.press("#world")
        stage.wait("the world is on", lambda: stage.get("/sandbox/world")["on"])
        stage.world(False)
        stage.wait("the page sees it", lambda: not page.is_on("#world"))
        page.press(ROW + "input[type=checkbox]")
        stage.wait("all is well", lambda: stage.get("/sandbox/state")["faults"]["refuse_before"]["rate"] == 0)
        page.press("#phone-keys")
        stage.wait("its owner has keys", lambda: stage.get("/sandbox/x/chat")["public_keys"]["TraficoValle"])
        page.choose("#kind", "dm")
        page.press("#encrypted")
        find(By.ID, "post").send_keys("Choque en el puente")
        page.press("#compose .primary")
        stage.wait("it is written by X Chat", lambda: stage.get("/sandbox/x/chat")["conversations"])
        page.button("+ forum")
        forum = stage.wait(
            "a forum is there",
            lambda: next((c for c in stage.get("/sandbox/state")["chats"] if c["inside"]["forum"]), None),
        )
        page.choose("#where", str(forum["id"]))
        page.button("+ topic")
        page.wait_text("#where", "# Tema 1")
        page.picture(tmp_path / "page.png")
        assert page.errors() == []
