"""What mypy is told of tables: which keywords a call on a table takes, and what a column or an enum may equal.

Peewee's stubs type columns, but `Table.update(**values)`, its like and constructors take anything, and `==` always finds
a way. So here the keywords of those calls become the columns of the table, each with a value of its type or something
of SQL; and to compare a column with a value of another type, or a member of a StrEnum, or the code of a rule, with a bare string, is an error.
"""

from collections.abc import Callable, Iterator

from mypy.maptype import map_instance_to_supertype
from mypy.nodes import ARG_NAMED_OPT, ARG_OPT, ARG_STAR, ArgKind, TypeInfo, Var
from mypy.plugin import FunctionSigContext, MethodContext, MethodSigContext, Plugin
from mypy.subtypes import is_subtype
from mypy.typeops import make_simplified_union
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    ProperType,
    Type,
    TypeOfAny,
    TypeType,
    UnionType,
    get_proper_type,
)

MODEL, FIELD, NODE = "peewee.Model", "peewee.Field", "peewee.Node"
ENUMS = ("enum.StrEnum", "engine.moderation.verdicts.Rule")
WRITES = frozenset(("update", "insert", "replace"))
READS = frozenset(("get", "get_or_none"))
MAKES = frozenset(("create", "get_or_create"))
EQUALITIES = frozenset(("__eq__", "__ne__"))


class TablesPlugin(Plugin):
    """The hooks; mypy asks for one by the full name of what is called."""

    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], FunctionLike] | None:
        name = fullname.rpartition(".")[2]
        return self._call_on_table if name in WRITES | READS | MAKES else None

    def get_function_signature_hook(self, fullname: str) -> Callable[[FunctionSigContext], FunctionLike] | None:
        found = self.lookup_fully_qualified(fullname)
        if found is None or not isinstance(found.node, TypeInfo) or not found.node.has_base(MODEL):
            return None
        info = found.node
        return lambda ctx: self._with_columns(ctx.default_signature, info, ctx, first=None, expressions=False)

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        name = fullname.rpartition(".")[2]
        return self._compared if name in EQUALITIES else None

    def _call_on_table(self, ctx: MethodSigContext) -> FunctionLike:
        info = _class_of(ctx.type)
        if info is None or not info.has_base(MODEL) or info.fullname == MODEL:
            return ctx.default_signature
        name = ctx.default_signature.name.partition(" ")[0] if ctx.default_signature.name else ""
        first = ARG_STAR if name in READS else ARG_OPT if name in WRITES else None
        return self._with_columns(ctx.default_signature, info, ctx, first=first, expressions=name in WRITES)

    def _with_columns(
        self,
        signature: CallableType,
        info: TypeInfo,
        ctx: MethodSigContext | FunctionSigContext,
        *,
        first: ArgKind | None,
        expressions: bool,
    ) -> CallableType:
        """The call with a keyword for each column; before them data by column (`first`), or what is selected."""
        columns = list(_columns(info, ctx))
        if not columns:
            return signature
        values = [
            make_simplified_union([value, Instance(node, [])]) if expressions and (node := self._info(NODE)) else value
            for _, value in columns
        ]
        extra: list[Type] = [] if first is None else [AnyType(TypeOfAny.explicit)]
        return signature.copy_modified(
            arg_types=[*extra, *values],
            arg_kinds=[*([] if first is None else [first]), *(ARG_NAMED_OPT for _ in columns)],
            arg_names=[*(None for _ in extra), *(name for name, _ in columns)],
        )

    def _compared(self, ctx: MethodContext) -> Type:
        """One side of a comparison; mypy tries the other one too, and complains where both complain."""
        if not ctx.arg_types or not ctx.arg_types[0]:
            return ctx.default_return_type
        left, right = ctx.type, get_proper_type(ctx.arg_types[0][0])
        if _is_column(right) and not _is_column(left):
            left, right = right, left
        if _is_column(left):
            assert isinstance(left, Instance)
            if not self._may_equal(left, right):
                shown = f"A column of {_name(_value_of(left))} is never equal to {_name(right)}"
                ctx.api.fail(shown, ctx.context)
        elif _is_bare(left, right) or _is_bare(right, left):
            ctx.api.fail(f"{_name(left)} and {_name(right)}: compare with the enum's member", ctx.context)
        return ctx.default_return_type

    def _may_equal(self, column: Instance, other: ProperType) -> bool:
        if isinstance(other, AnyType | NoneType):
            return True
        node = self._info(NODE)
        if node is not None and isinstance(other, Instance) and other.type.has_base(NODE):
            return True
        return is_subtype(other, _value_of(column))

    def _info(self, fullname: str) -> TypeInfo | None:
        found = self.lookup_fully_qualified(fullname)
        return found.node if found is not None and isinstance(found.node, TypeInfo) else None


def _columns(info: TypeInfo, ctx: MethodSigContext | FunctionSigContext) -> Iterator[tuple[str, Type]]:
    """The columns of a table with the types of their values."""
    for base in info.mro:
        for name, symbol in base.names.items():
            if not isinstance(symbol.node, Var) or name.startswith("_"):
                continue
            kind = get_proper_type(symbol.node.type)
            if kind is None:  # not known yet: mypy comes back to who calls
                handle = getattr(ctx.api, "handle_cannot_determine_type", None)
                if handle is not None and base.has_base(MODEL) and base.fullname != MODEL:
                    handle(name, ctx.context)
                continue
            if _is_column(kind):
                assert isinstance(kind, Instance)
                yield name, _value_of(kind)


def _class_of(kind: ProperType) -> TypeInfo | None:
    if isinstance(kind, CallableType) and kind.is_type_obj():
        return kind.type_object()
    item = get_proper_type(kind.item) if isinstance(kind, TypeType) else None
    return item.type if isinstance(item, Instance) else None


def _is_column(kind: ProperType) -> bool:
    return isinstance(kind, Instance) and kind.type.has_base(FIELD) and not kind.type.has_base("peewee.MetaField")


def _value_of(column: Instance) -> Type:
    field = next(base for base in column.type.mro if base.fullname == FIELD)

    return map_instance_to_supertype(column, field).args[0]


def _is_bare(member: ProperType, other: ProperType) -> bool:
    """Whether one is a member of a StrEnum, or None, and the other a string that is a member of nothing."""
    if isinstance(member, UnionType):
        return any(_is_bare(get_proper_type(i), other) for i in member.items)
    is_string = isinstance(other, LiteralType) or (
        isinstance(other, Instance) and other.type.fullname == "builtins.str"
    )
    return _is_enum(member) and is_string and not _is_enum(other)


def _is_enum(kind: ProperType) -> bool:
    if isinstance(kind, LiteralType):
        return any(kind.fallback.type.has_base(name) for name in ENUMS)
    return isinstance(kind, Instance) and any(kind.type.has_base(name) for name in ENUMS)


def _name(kind: Type) -> str:
    return str(kind).removesuffix("?")


def plugin(version: str) -> type[Plugin]:
    """What mypy calls."""
    return TablesPlugin
