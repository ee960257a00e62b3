"""Conditions as plain tuples, ours and pySigma's, so that they can be compared."""

from copy import copy

from sigma import conditions, types

from tocsin.rules.tree import All, AnyOf, Leaf, Not, Operator


def flat(kind, parts):
    parts = [inner for part in parts for inner in (part[1] if part[0] == kind else [part])]
    return parts[0] if len(parts) == 1 else (kind, parts)


def negated(part):
    return part[1] if part[0] == "not" else ("not", part)


def rounded(value):
    """Numbers as pySigma has them: floats."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def our_tree(node):
    match node:
        case All(parts):
            return flat("and", [our_tree(part) for part in parts])
        case AnyOf(parts):
            return flat("or", [our_tree(part) for part in parts])
        case Not(part):
            return negated(our_tree(part))
        case Leaf(column, Operator.REFERS, value):
            return (column, "fieldref", (value.column, value.at_start, value.at_end))
        case Leaf(column, Operator.MATCHES, value, cased):
            return (
                column,
                "cased" if cased else "text",
                [one if isinstance(one, str) else one.name for one in value.parts],
            )
        case Leaf(column, operator, value):
            return (column, operator.value, rounded(value))


def with_value(node, value):
    made = copy(node)
    made.value = value
    return made


def their_tree(node):  # noqa: C901, PLR0911, PLR0912 one answer a kind of node
    if isinstance(node, conditions.ConditionAND):
        return flat("and", [their_tree(one) for one in node.args])
    if isinstance(node, conditions.ConditionOR):
        return flat("or", [their_tree(one) for one in node.args])
    if isinstance(node, conditions.ConditionNOT):
        return negated(their_tree(node.args[0]))
    value = node.value
    if isinstance(value, types.SigmaExpansion):  # an empty value leaves pySigma's expansions as they are
        return flat("or", [their_tree(with_value(node, inner)) for inner in value.values])
    if isinstance(value, types.SigmaString):
        names = {types.SpecialChars.WILDCARD_MULTI: "ANY", types.SpecialChars.WILDCARD_SINGLE: "ONE"}
        parts = [names.get(part, part) for part in value.s if part != ""]
        if getattr(node, "field", None) is None:  # a keyword: its being anywhere is left to the backend
            parts = [*["ANY"] * (parts[:1] != ["ANY"]), *parts, *["ANY"] * (parts[-1:] != ["ANY"] and parts != [])]
            return ("", "cased" if isinstance(value, types.SigmaCasedString) else "text", parts)
        return (node.field, "cased" if isinstance(value, types.SigmaCasedString) else "text", parts)
    if isinstance(value, types.SigmaFieldReference):
        return (node.field, "fieldref", (value.field, value.starts_with, value.ends_with))
    if isinstance(value, types.SigmaTimestampPart):
        return (node.field, value.timestamp_part.name.lower(), float(value.number))
    if isinstance(value, types.SigmaNull):
        return (node.field, "null", None)
    if isinstance(value, types.SigmaExists):
        missing = (node.field, "null", None)
        return ("not", missing) if value.exists else missing
    if isinstance(value, types.SigmaCompareExpression):
        return (node.field, value.op.name.lower(), rounded(value.number.number))
    if isinstance(value, types.SigmaCIDRExpression):
        return (node.field, "cidr", str(value.network))
    if isinstance(value, types.SigmaRegularExpression):
        letters = {"IGNORECASE": "i", "MULTILINE": "m", "DOTALL": "s"}
        flags = "".join(sorted(letters[flag.name] for flag in value.flags))
        return (node.field, "re", (f"(?{flags})" if flags else "") + str(value.regexp))
    return (node.field, "equals", rounded(value.boolean if isinstance(value, types.SigmaBool) else value.number))
