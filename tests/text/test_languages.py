"""Definitions in other languages: read without the English tables, with a coverage that tells how much was compared."""

from __future__ import annotations

from typing import Any

import pytest

from agentmerge import align, parse
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.records import Alignment, Group, Member
from agentmerge.model import Unit
from agentmerge.text import lexicon
from tests.shipped import SHIPPED

PORTUGUESE = (
    """---
name: revisor
---

# Revisor de código

Você é um revisor de código cuidadoso.

## Segurança

- Nunca grave senhas no código
- Valide todas as entradas do usuário
- Use consultas parametrizadas contra injeção de SQL

## Testes

- Exija cobertura de testes acima de 80%
- Peça testes para cada correção de erro
""",
    """---
name: revisor
---

# Revisor

Você é um engenheiro que revisa o código da equipe.

## Regras de segurança

- Valide as entradas do usuário
- Use consultas parametrizadas para evitar injeção de SQL
- Os dados reais não saem da produção

## Testes

- Exija cobertura de testes acima de 90%
- Mantenha o registro de mudanças em dia
""",
)
CHINESE = (
    """---
name: reviewer
---

# 代码审查

你是一位细心的代码审查员。

## 安全

- 使用参数化查询防止SQL注入
- 验证所有用户输入
- 不要在代码中写入密码

## 测试

- 为每个缺陷修复编写单元测试
""",
    """---
name: reviewer
---

# 代码审查

你是一位审查代码的工程师。

## 安全规则

- 使用参数化查询来防止SQL注入攻击
- 验证所有用户的输入
- 定期更换签名密钥

## 测试

- 保持变更日志最新
""",
)
JAPANESE = (
    """---
name: reviewer
---

# コードレビュー

あなたは注意深いコードレビュアーです。

## セキュリティ

- パラメータ化クエリでSQLインジェクションを防ぐ
- すべてのユーザー入力を検証する
- パスワードをコードに書かない

## テスト

- 修正ごとに単体テストを書く
""",
    """---
name: reviewer
---

# コードレビュー

あなたはコードをレビューするエンジニアです。

## セキュリティ規則

- パラメータ化クエリを使ってSQLインジェクションを防ぐ
- ユーザー入力をすべて検証する
- 署名鍵を定期的に交換する

## テスト

- 変更履歴を最新に保つ
""",
)
ALL = {"pt": PORTUGUESE, "cjk": CHINESE, "ja": JAPANESE}


def aligned(texts: tuple[str, str]) -> Alignment:
    return align([parse(text) for text in texts])


def same(alignment: Alignment) -> set[tuple[str, ...]]:
    """Texts that the alignment calls the same, identity apart."""
    groups = [group for group in alignment.units if group.relation == "same" and _is_item(group.members[0])]
    return {tuple(member.text for member in group.members) for group in groups}


def _is_item(member: Member) -> bool:
    return isinstance(member.node, Unit) and member.node.kind == "item"


def told(alignment: Alignment) -> list[tuple[object, ...]]:
    def row(group: Group) -> tuple[object, ...]:
        return tuple(member.key for member in group.members), group.relation, group.score

    return [row(group) for group in (*alignment.units, *alignment.sections)]


def test_portuguese() -> None:
    alignment = aligned(PORTUGUESE)
    assert same(alignment) == {
        ("Valide todas as entradas do usuário", "Valide as entradas do usuário"),
        (
            "Use consultas parametrizadas contra injeção de SQL",
            "Use consultas parametrizadas para evitar injeção de SQL",
        ),
    }
    assert [group.slot for group in alignment.units if group.relation == "contradicts"] == [
        "acima cobertura exija testes"
    ]


def test_users_term__counts_in_its_language() -> None:
    texts = tuple(
        f"{text}- {more}\n" for text, more in zip(PORTUGUESE, ("Revise os esboços", "Revise os rascunhos"), strict=True)
    )
    pair = ("Revise os esboços", "Revise os rascunhos")
    assert pair not in same(align([parse(text) for text in texts]))
    own = Knowledge({"concepts": {"own": {"esboços": "rascunhos"}}})
    assert pair in same(align([parse(text) for text in texts], knowledge=own))


def test_same_text__in_definitions_of_two_languages() -> None:
    line = "- Run `make tests` before pushing changes\n"
    alignment = align([parse(PORTUGUESE[0] + line), parse(CHINESE[0] + line)])
    assert same(alignment) == {(line[2:-1], line[2:-1])}


def test_chinese() -> None:
    assert same(aligned(CHINESE)) == {
        ("使用参数化查询防止SQL注入", "使用参数化查询来防止SQL注入攻击"),
        ("验证所有用户输入", "验证所有用户的输入"),
    }


def test_japanese() -> None:
    assert same(aligned(JAPANESE)) == {
        ("パラメータ化クエリでSQLインジェクションを防ぐ", "パラメータ化クエリを使ってSQLインジェクションを防ぐ"),
        ("すべてのユーザー入力を検証する", "ユーザー入力をすべて検証する"),
    }


@pytest.mark.parametrize("texts", ALL.values(), ids=ALL)
def test_coverage__counts_what_found_a_partner(texts: tuple[str, str]) -> None:
    alignment = aligned(texts)
    assert all(0 < row.share < 1 for row in alignment.coverage)
    assert [row.share for row in aligned((texts[0], texts[0])).coverage] == [1.0, 1.0]


def test_coverage__is_of_the_name_alone_between_two_languages() -> None:
    for row in align([parse(CHINESE[0]), parse(PORTUGUESE[1])]).coverage:
        assert row.matched <= 2


@pytest.mark.parametrize("texts", ALL.values(), ids=ALL)
def test_english_tables__change_nothing(texts: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With no English concepts, families, endings and shaping words the same comes out."""
    with_tables = told(aligned(texts))
    shipped = Knowledge.raw

    def without_english(self: Knowledge, name: str) -> Any:
        raw = dict(shipped(self, name))
        if name == "words":
            raw |= {"family": {}, "ending": {"rules": ""}, "form": {"words": ""}}
        return {} if name == "concepts" else raw

    monkeypatch.setattr(Knowledge, "raw", without_english)
    monkeypatch.setattr(Knowledge, "ready", lambda *_: None)
    assert told(align([parse(text) for text in texts], knowledge=Knowledge())) == with_tables


def test_language__of_each() -> None:
    known = lexicon.of(SHIPPED)
    assert [known.language([text]) for texts in ALL.values() for text in texts] == ["pt", "pt", *["cjk"] * 4]
