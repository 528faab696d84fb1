"""No module of the package imports itself by way of others, at whatever time and place the import stands."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"


def modules(source: Path, package: str) -> dict[str, Path]:
    """Return every module of a package and its file; a folder goes by its own name."""
    found = {}
    for file in sorted((source / package).rglob("*.py")):
        parts = file.relative_to(source).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def statements(tree: ast.AST):
    """Yield every import that is ever carried out: those under ``if TYPE_CHECKING`` are not."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for other in node.orelse:
                yield from statements(ast.Module([other], []))
        else:
            yield from statements(node)


def imported(name: str, file: Path, known: set[str]) -> set[str]:
    """Return the modules that a module imports, with the folders around them, which are loaded before them."""
    folder = name if file.stem == "__init__" else name.rpartition(".")[0]
    found = set()
    for node in statements(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
            continue
        base = node.module or ""
        if node.level:
            above = ".".join(folder.split(".")[: len(folder.split(".")) - node.level + 1])
            base = f"{above}.{base}" if base else above
        inside = {f"{base}.{alias.name}" for alias in node.names}  # modules, or what stands in the folder's own file
        found |= inside & known
        if inside - known:
            found.add(base)
    return (found | (folders(found) - folders([name, f"{name}.x"]))) & known


def folders(names) -> set[str]:
    """Return the folders around modules, whose own files are loaded before them."""
    return {".".join(name.split(".")[:count]) for name in names for count in range(1, name.count(".") + 1)}


def reached_from(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return, for every module, all modules that are loaded with it."""
    reached: dict[str, set[str]] = {}
    for start in imports:
        seen, open_ = set(), [start]
        while open_:
            for other in imports[open_.pop()] - seen:
                seen.add(other)
                open_.append(other)
        reached[start] = seen
    return reached


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Return the ways on which a module comes back to itself, one for every set of modules that hang together so."""
    reached = reached_from(imports)
    found, told = [], set()
    for start in sorted(name for name in imports if name in reached[name]):
        if start in told:
            continue
        told |= {other for other in reached[start] if start in reached[other]}
        ways = [[start]]
        while ways:  # the shortest first
            way = ways.pop(0)
            if start in imports[way[-1]]:
                found.append([*way, start])
                break
            ways += [
                [*way, other] for other in sorted(imports[way[-1]]) if start in reached[other] and other not in way
            ]
    return found


def in_words(source: Path, package: str) -> list[str]:
    known = modules(source, package)
    return [
        " → ".join(way)
        for way in circles({name: imported(name, file, set(known)) for name, file in known.items()})
    ]  # fmt: skip


def test_data_takes_the_release_plan_and_the_rule_on_those_rated_and_nothing_that_knows_a_study():
    known = modules(SOURCE, "helpers")
    imports = {name: imported(name, file, set(known)) for name, file in known.items()}
    taken = {other for name in imports if name.startswith("helpers.data.") for other in imports[name]}
    taken = {name for name in taken if name.startswith("helpers.privacy.")}
    assert taken == {"helpers.privacy.plan", "helpers.privacy.rated"}
    loaded = set().union(*(reached_from(imports)[name] for name in taken))
    assert {name.split(".")[1] for name in loaded if "." in name} <= {"privacy", "columns", "published", "rounding"}


def test_no_module_of_the_package_imports_itself_by_way_of_others():
    assert in_words(SOURCE, "helpers") == []


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        ({"a": "from .b import x", "b": "import package.a"}, "package.a → package.b → package.a"),
        ({"a": "def f():\n    from . import b", "b": "from package import a"}, "package.a → package.b → package.a"),
        ({"__init__": "from .a import x", "a": "from . import x"}, "package → package.a → package"),
        ({"f/__init__": "from ..a import x", "a": "from .f import b", "f/b": ""}, "package.a → package.f → package.a"),
        ({"a": "from .b import c", "b": "from .c import d", "c": "from .d import e", "d": "from .b import x"},
         "package.b → package.c → package.d → package.b"),
        ({"a": "if TYPE_CHECKING:\n    from .b import x\nelse:\n    from . import c", "b": "from . import a",
          "c": "try:\n    from .a import x\nexcept ImportError:\n    pass"}, "package.a → package.c → package.a"),
        ({"a": "if TYPE_CHECKING:\n    from .b import x", "b": "from . import a"}, None),
        ({"__init__": "from .a import x", "a": "from .b import x", "b": "import json"}, None),
    ],
)  # fmt: skip
def test_circles_are_found_wherever_the_import_stands(tmp_path, files, circle):
    for name, text in {"__init__": "", **files}.items():
        file = tmp_path / "package" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert in_words(tmp_path, "package") == ([circle] if circle else [])


def test_the_audit_shares_no_code_with_what_protects_and_writes_reports():
    known = modules(SOURCE, "helpers")
    inside = [name for name in known if name.startswith("helpers.privacy.audit")]
    shared = ("helpers.privacy.", "helpers.present", "helpers.reporting", "helpers.published", "helpers.columns")
    others = {
        f"{name} → {other}"
        for name in inside
        for other in imported(name, known[name], set(known)) - set(inside)
        if f"{other}.".startswith(tuple(f"{one.rstrip('.')}." for one in shared))
    }
    assert len(inside) > 5 and {one for one in others if not one.endswith(" → helpers.privacy")} == set()
