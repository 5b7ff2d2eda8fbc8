"""Words that people type after a command, in both languages."""

ON = {"on", "si", "sí", "yes", "1"}
OFF = {"off", "no", "0"}
NONE = {"none", "no", "off", "ninguno", "ninguna"}
ADD = {"add", "añadir", "agregar", "anadir", "+"}
REMOVE = {"remove", "quitar", "borrar", "delete", "-"}
SEARCH = {"search", "find", "buscar", "busca"}
LIST = {"list", "lista"}
IMPORT = {"import", "importar"}
EXPORT = {"export", "exportar"}
