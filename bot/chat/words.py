"""Words that people type after a command, in both languages."""

from bot.chat.spoken import Example
from bot.chat.turn import Refusal, Turn

ON = {"on", "si", "sí", "yes", "1"}
OFF = {"off", "no", "0"}
NONE = {"none", "no", "off", "ninguno", "ninguna"}
ADD = {"add", "añadir", "agregar", "anadir", "+"}
REMOVE = {"remove", "quitar", "borrar", "delete", "-"}
SEARCH = {"search", "find", "buscar", "busca"}
LIST = {"list", "lista"}
IMPORT = {"import", "importar"}
EXPORT = {"export", "exportar"}


def said_on_or_off(turn: Turn, example: str) -> bool:
    """What was typed after a command that is on or off. Raises Refusal."""
    word = turn.arguments.strip().lower()
    if word in ON:
        return True
    if word in OFF:
        return False
    raise Refusal(turn.t("Say on or off. For example: {example}", example=Example(example)))
