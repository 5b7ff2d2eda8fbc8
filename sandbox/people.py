"""Who lives in the sandbox: a traffic reporter's channel, its neighbours, and what they say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resident:
    """An X account of the sandbox."""

    handle: str
    name: str
    channel: bool = False
    protected: bool = False
    suspended: bool = False


RESIDENTS = (
    Resident("TraficoValle", "Tráfico del Valle", channel=True),
    Resident("LluviaYa", "Lluvia Ya · Weather Now", channel=True),
    Resident("maria_rdz", "María Rodríguez"),
    Resident("elpanadero", "Pepe el Panadero"),
    Resident("joandriver", "Joan Driver"),
    Resident("vecinos_norte", "Vecinos del Norte"),
    Resident("promo_loca", "Promo Loca"),
    Resident("inameh", "INAMEH · El tiempo"),
    Resident("MetroValle", "Metro del Valle"),
    Resident("puertas_adentro", "Puertas Adentro", protected=True),
    Resident("cuenta_caida", "Cuenta Caída", suspended=True),
)


@dataclass(frozen=True, slots=True)
class ListOfPeople:
    """Accounts that a resident put together."""

    id: int
    owner: str
    name: str
    members: tuple[str, ...]
    private: bool = False


LISTS = (
    ListOfPeople(1746000000000000001, "TraficoValle", "Servicios del Valle", ("inameh", "MetroValle")),
    ListOfPeople(1746000000000000002, "vecinos_norte", "Norte despierto", ("maria_rdz", "elpanadero", "MetroValle")),
    ListOfPeople(1746000000000000003, "elpanadero", "Mi panadería", ("maria_rdz",), private=True),
)

PHONES = ((1001, "Ana", "es"), (1002, "Ben", "en"))
GROUP = (-2001, "Equipo Tráfico")

TRIGGERS = ("choque", "accidente", "vía cerrada", "semáforo", "crash", "road closed", "#trafico")
FILTERS = ("promo", "gratis", "idiota", "follow back")

TYPED = {  # what a phone offers to type, in its person's language
    "es": ("/disparadores añadir {triggers}", "/filtros añadir {filters}", "/estado", "/bitacora"),
    "en": ("/triggers add {triggers}", "/filters add {filters}", "/status", "/log"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something to send with one click. `kind` is mention, dm or post (which names no channel)."""

    handle: str
    kind: str
    text: str
    note: str


LINES = (
    Line("maria_rdz", "mention", "Choque en la autopista Valle-Coche, sentido oeste, dos canales cerrados @TraficoValle", "on topic"),
    Line("joandriver", "mention", "@TraficoValle crash on the Norte bridge, right lane blocked. Take Av. Bolívar instead", "on topic"),
    Line("vecinos_norte", "mention", "@TraficoValle VÍA CERRADA en la calle 8 por obras hasta las 18:00 🚧", "phrase, capitals"),
    Line("elpanadero", "mention", "Semaforo dañado en Plaza Central, @TraficoValle, cuidado al cruzar", "no accent"),
    Line("elpanadero", "mention", "Buenos días @TraficoValle, ¡hoy hay pan de jamón! 🥖", "off-topic"),
    Line("promo_loca", "mention", "@TraficoValle PROMO! Seguro gratis contra choque, entra ya en https://promo.example/x", "filtered"),
    Line("maria_rdz", "dm", "Accidente frente al liceo, una ambulancia en camino. Prefiero que no pongan mi nombre.", "DM"),
    Line("inameh", "post", "Aviso: lluvias fuertes esta tarde en el valle, vía cerrada en El Junquito por deslizamiento", "watched"),
    Line("MetroValle", "post", "Línea 1 con retraso entre Plaza Central y El Valle por un accidente en la vía", "watched"),
    Line("joandriver", "dm", "Road closed at 5th and Main: fallen tree after the storm. Police on site since 7:40.", "DM"),
)  # fmt: skip
