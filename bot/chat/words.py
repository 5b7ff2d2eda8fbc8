"""Words that people type after a command, in both languages."""

from bot.chat.spoken import Example
from bot.chat.turn import Refusal, Turn

ON = {"on", "si", "sí", "yes", "1", "encendido", "encendida", "encender", "activado", "activada", "activar"}
OFF = {"off", "no", "0", "apagado", "apagada", "apagar", "desactivado", "desactivada", "desactivar"}
NONE = OFF - {"0"} | {"none", "ninguno", "ninguna", "nada"}
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
    raise Refusal(turn.t("Say on or off. For example: {example}", example=Example(turn.t(example))))
