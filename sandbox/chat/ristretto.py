"""The group ristretto255 (RFC 9496), as far as a realm of the keys' backup needs it; for trying, not for secrets."""

from dataclasses import dataclass

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578


@dataclass(frozen=True, slots=True)
class Point:
    """In extended coordinates of the curve below."""

    x: int
    y: int
    z: int
    t: int

    def __add__(self, other: "Point") -> "Point":
        a, b = (self.y - self.x) * (other.y - other.x) % P, (self.y + self.x) * (other.y + other.x) % P
        c, d = 2 * D * self.t * other.t % P, 2 * self.z * other.z % P
        e, f, g, h = b - a, d - c, d + c, b + a
        return Point(e * f % P, g * h % P, f * g % P, e * h % P)

    def __mul__(self, scalar: int) -> "Point":
        made, step = Point(0, 1, 1, 0), self
        while scalar:
            if scalar & 1:
                made = made + step
            step, scalar = step + step, scalar >> 1
        return made

    def encoded(self) -> bytes:
        one, two = (self.z + self.y) * (self.z - self.y) % P, self.x * self.y % P
        _, inverse = _root_of_ratio(1, one * two * two % P)
        first, second = inverse * one % P, inverse * two % P
        z_inverse = first * second * self.t % P
        x, y, denominator = self.x, self.y, second
        if self.t * z_inverse % P & 1:
            x, y, denominator = self.y * SQRT_M1 % P, self.x * SQRT_M1 % P, first * INVSQRT_A_MINUS_D % P
        if x * z_inverse % P & 1:
            y = -y
        return _even(denominator * (self.z - y) % P).to_bytes(32, "little")


BASE = Point(
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
    1,
    46827403850823179245072216630277197565144205554125654976674165829533817101731,
)


def decoded(raw: bytes) -> Point:
    """Raises ValueError for what encodes no point."""
    s = int.from_bytes(raw, "little")
    if len(raw) != 32 or s >= P or s & 1:
        raise ValueError("not canonical")
    one, two = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * one * one - two * two) % P
    square, inverse = _root_of_ratio(1, v * two * two % P)
    first = inverse * two % P
    second = inverse * first * v % P
    x, y = _even(2 * s * first % P), one * second % P
    t = x * y % P
    if not square or t & 1 or y == 0:
        raise ValueError("no point")
    return Point(x, y, 1, t)


def _even(value: int) -> int:
    return P - value if value & 1 else value


def _root_of_ratio(u: int, v: int) -> tuple[bool, int]:
    """Whether u/v is a square, and the root of that, or of SQRT_M1 times that."""
    root = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * root * root % P
    if check in (-u % P, -u * SQRT_M1 % P):
        root = root * SQRT_M1 % P
    return check in (u % P, -u % P), _even(root)
