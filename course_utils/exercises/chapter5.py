"""Chapter 5: what ``check`` knows about its exercises."""

from collections import Counter

import numpy as np

from ..models.ngram import BOS, EOS
from .core import Exercise, Mistake, case
from .expect import Array, Number, Raises, Table


def _pairs(sequences):
    return [(a, b) for s in sequences for a, b in zip([BOS, *s], [*s, EOS], strict=True)]


def _letters(sequences):
    return list(dict.fromkeys("".join(sequences)))


def _bigram(sequences, alpha, *, pairs=None, before=None, after=None, size=None):
    """The right table, or a wrong one: other ``pairs`` counted, other rows, columns or size V."""
    letters = _letters(sequences)
    before = [BOS, *letters] if before is None else before
    after = [*letters, EOS] if after is None else after
    counts = Counter(_pairs(sequences) if pairs is None else pairs)
    weights = {(a, b): counts[a, b] + alpha for a in before for b in after}
    size = len(after) if size is None else size
    n = Counter(a for a, _ in counts.elements())
    return {(a, b): w / ((n[a] + alpha * size) or 1) for (a, b), w in weights.items()}


def _checked(sequences, table):
    if not sequences:
        raise ValueError
    return table


def _without_eos(sequences, alpha):
    pairs = [pair for pair in _pairs(sequences) if pair[1] != EOS]
    return _bigram(sequences, alpha, pairs=pairs, after=_letters(sequences))


def _eos_never_counted(sequences, alpha):
    return _bigram(sequences, alpha, pairs=[pair for pair in _pairs(sequences) if pair[1] != EOS])


def _without_bos(sequences, alpha):
    return _bigram(sequences, alpha, before=_letters(sequences))


def _counts_only(sequences, alpha):
    counts = Counter(_pairs(sequences))
    return {pair: counts[pair] + alpha for pair in _bigram(sequences, alpha)}


def _joint(sequences, alpha):
    weights = _counts_only(sequences, alpha)
    return {pair: w / sum(weights.values()) for pair, w in weights.items()}


def _given_the_next(sequences, alpha):
    weights = _counts_only(sequences, alpha)
    column = Counter()
    for (_, b), w in weights.items():
        column[b] += w
    return {(a, b): w / column[b] for (a, b), w in weights.items()}


def _seen_only(sequences, alpha):
    seen = set(_pairs(sequences))
    return {pair: p for pair, p in _bigram(sequences, alpha).items() if pair in seen}


def _alpha_for_seen_only(sequences, alpha):
    counts = Counter(_pairs(sequences))
    weights = {pair: counts[pair] + alpha if counts[pair] else 0 for pair in _bigram(sequences, alpha)}
    row = Counter()
    for (a, _), w in weights.items():
        row[a] += w
    return {(a, b): w / row[a] for (a, b), w in weights.items()}


def _across_sequences(sequences, alpha):
    return _bigram(sequences, alpha, pairs=_pairs(["".join(sequences)]))


def _bos_as_next(sequences, alpha):
    return _bigram(sequences, alpha, after=[BOS, *_letters(sequences), EOS])


def _concatenated(sequences):
    """The known pairs that are left of ``zip(BOS + s, s + EOS)``, where the marks fall apart into letters."""
    known = {*_letters(sequences), EOS}
    return [(a, b) for s in sequences for a, b in zip(BOS + s, s + EOS, strict=False) if {a, b} <= known]


def _eos_as_previous(sequences, alpha):
    return _bigram(sequences, alpha, before=[BOS, *_letters(sequences), EOS])


BIGRAM = Exercise(
    number="5-1",
    title="バイグラムの確率",
    function="bigram_probs",
    points=2,
    expects=Table(),
    cases=(
        case(
            ["い", "あい"],
            1,
            gives={
                (BOS, "あ"): 0.4, (BOS, "い"): 0.4, (BOS, EOS): 0.2,
                ("あ", "あ"): 0.25, ("あ", "い"): 0.5, ("あ", EOS): 0.25,
                ("い", "あ"): 0.2, ("い", "い"): 0.2, ("い", EOS): 0.6,
            },
        ),
        case(
            ["かき", "かか"],
            0.5,
            gives={
                (BOS, "か"): 2.5 / 3.5, (BOS, "き"): 0.5 / 3.5, (BOS, EOS): 0.5 / 3.5,
                ("か", "か"): 1.5 / 4.5, ("か", "き"): 1.5 / 4.5, ("か", EOS): 1.5 / 4.5,
                ("き", "か"): 0.5 / 2.5, ("き", "き"): 0.5 / 2.5, ("き", EOS): 1.5 / 2.5,
            },
        ),
        case(
            ["お", "お", "おおお"],
            0.25,
            gives={(BOS, "お"): 3.25 / 3.5, (BOS, EOS): 0.25 / 3.5, ("お", "お"): 2.25 / 5.5, ("お", EOS): 3.25 / 5.5},
        ),
        case(
            ["さし"],
            0,
            gives={
                (BOS, "さ"): 1, (BOS, "し"): 0, (BOS, EOS): 0,
                ("さ", "さ"): 0, ("さ", "し"): 1, ("さ", EOS): 0,
                ("し", "さ"): 0, ("し", "し"): 0, ("し", EOS): 1,
            },
            edge="α = 0",
        ),
        case(
            ["", "た", ""],
            1,
            gives={(BOS, "た"): 0.4, (BOS, EOS): 0.6, ("た", "た"): 1 / 3, ("た", EOS): 2 / 3},
            edge="空の文字列がある",
        ),
        case([], 1, gives=Raises(ValueError), edge="系列が 1 つもない"),
    ),
    mistakes=(
        Mistake(
            "EOS がありません。末尾の文字の次には EOS が来ます。終わることも確率のうちです。",
            hint=2,
            wrong=lambda s, alpha: _checked(s, _without_eos(s, alpha)),
        ),
        Mistake(
            "EOS のキーはありますが、末尾の文字の次に EOS が来た回数を数えていません。",
            hint=2,
            wrong=lambda s, alpha: _checked(s, _eos_never_counted(s, alpha)),
        ),
        Mistake(
            "BOS がありません。最初の文字の直前には BOS があるものとして、(BOS, 最初の文字) の組も数えます。",
            hint=2,
            wrong=lambda s, alpha: _checked(s, _without_bos(s, alpha)),
        ),
        Mistake(
            "正規化していません。直前のトークン a ごとに、重み n(a, b) + α をその和で割ってください。",
            hint=2,
            wrong=lambda s, alpha: _checked(s, _counts_only(s, alpha)),
        ),
        Mistake(
            "組の総数で割っています。それは 2 つが並ぶ確率です。「a の次が b」の確率は、a ごとの和で割ります。",
            hint=1,
            wrong=lambda s, alpha: _checked(s, _joint(s, alpha)),
        ),
        Mistake(
            "条件の向きが逆です。次のトークン b ごとではなく、直前のトークン a ごとに和が 1 になるようにします。",
            hint=1,
            wrong=lambda s, alpha: _checked(s, _given_the_next(s, alpha)),
        ),
        Mistake(
            "キーの順が逆です。(直前のトークン, 次のトークン) の順にしてください。",
            hint=2,
            wrong=lambda s, alpha: _checked(s, {(b, a): p for (a, b), p in _bigram(s, alpha).items()}),
        ),
        Mistake(
            "分母が n(a) のままです。V 個のトークンすべてに α を足したので、分母は n(a) + αV になります。",
            hint=3,
            wrong=lambda s, alpha: _checked(s, _bigram(s, alpha, size=0)),
        ),
        Mistake(
            "分母に α を 1 回しか足していません。次に来うるトークンは V 個あるので、αV を足します。",
            hint=3,
            wrong=lambda s, alpha: _checked(s, _bigram(s, alpha, size=1)),
        ),
        Mistake(
            "V に EOS が入っていません。次に来うるのは、現れた文字のすべてと EOS です。",
            hint=3,
            wrong=lambda s, alpha: _checked(s, _bigram(s, alpha, size=len(_letters(s)))),
        ),
        Mistake(
            "V が大きすぎます。BOS は次のトークンになりません。V は現れた文字の種類 + 1（EOS）です。",
            hint=3,
            wrong=lambda s, alpha: _checked(s, _bigram(s, alpha, size=len(_letters(s)) + 2)),
        ),
        Mistake(
            "BOS が次のトークンになっています。BOS は先頭にしか現れないので、次に来ることはありません。",
            hint=3,
            wrong=lambda s, alpha: _checked(s, _bos_as_next(s, alpha)),
        ),
        Mistake(
            "EOS が直前のトークンになっています。EOS のあとには何も来ません。",
            hint=3,
            wrong=lambda s, alpha: _checked(s, _eos_as_previous(s, alpha)),
        ),
        Mistake(
            "一度も並ばなかった組が入っていません。平滑化したいのは、むしろその組です。",
            hint=3,
            wrong=lambda s, alpha: _checked(s, _seen_only(s, alpha)),
        ),
        Mistake(
            "並んだことのある組にしか α を足していません。平滑化したいのは、むしろ 0 回の組です。",
            hint=2,
            wrong=lambda s, alpha: _checked(s, _alpha_for_seen_only(s, alpha)),
        ),
        Mistake(
            "系列をつなげて数えています。組は 1 つの系列の中だけで数え、系列ごとに BOS と EOS を付けてください。",
            hint=2,
            wrong=lambda s, alpha: _checked(s, _across_sequences(s, alpha)),
        ),
        Mistake(
            "α が使われていません。どの組の回数にも α を足してから割ります。",
            hint=1,
            wrong=lambda s, alpha: _checked(s, _bigram(s, 0)),
        ),
        Mistake(
            "空の文字列を読み飛ばしています。空の文字列も 1 つの系列で、(BOS, EOS) の組を 1 つ持ちます。",
            hint=2,
            wrong=lambda s, alpha: _checked(s, _bigram([one for one in s if one], alpha)),
        ),
        Mistake(
            "BOS + s のように文字列をつなげたので、印が 1 文字ずつに分かれています。[BOS, *s] とリストにします。",
            hint=2,
            wrong=lambda s, alpha: _checked(s, _bigram(s, alpha, pairs=_concatenated(s))),
        ),
        Mistake(
            "キーが文字列になっています。('あ', 'い') のように、2 つのトークンのタプルにしてください。",
            hint=2,
            sign=lambda args, r: isinstance(next(iter(r)), str) and not isinstance(next(iter(r.values())), dict),
        ),
        Mistake(
            "辞書が入れ子になっています。キーを (a, b) のタプルにして、1 段の辞書にしてください。",
            hint=3,
            sign=lambda args, r: isinstance(next(iter(r.values())), (dict, list)),
        ),
        Mistake(
            "確率の対数を返しています。確率のまま入れてください（対数は次の演習で取ります）。",
            hint=2,
            wrong=lambda s, alpha: _checked(s, {pair: np.log(p) for pair, p in _bigram(s, alpha).items()}),
        ),
        Mistake(
            "α がいつも 1 になっています。渡された alpha を使ってください。",
            hint=3,
            wrong=lambda s, alpha: _checked(s, _bigram(s, 1)),
        ),
        Mistake(
            "系列が 1 つもないときに値を返しています（空の辞書や None も値です）。"
            "何も数えていないので、ValueError を送出してください。",
            hint=3,
            sign=lambda args, r: len(args[0]) == 0,
        ),
    ),
)  # fmt: skip


def _steps(seq):
    return list(zip([BOS, *seq], [*seq, EOS], strict=True))


def _log_sum(p):
    return np.log(np.array(p, dtype=float)).sum()


def _looked_up(seq, probs):
    return [probs.get(pair, 0) for pair in _steps(seq)]


_TABLE = {
    (BOS, "あ"): 0.5, (BOS, "い"): 0.3, (BOS, EOS): 0.2,
    ("あ", "あ"): 0.15, ("あ", "い"): 0.25, ("あ", EOS): 0.6,
    ("い", "あ"): 0.2, ("い", "い"): 0.0, ("い", EOS): 0.8,
}  # fmt: skip
_LOOP = {(BOS, "の"): 1.0, ("の", "の"): 0.5, ("の", EOS): 0.5}

SEQUENCE_LOG_PROB = Exercise(
    number="5-2",
    title="系列の対数確率",
    function="sequence_log_prob",
    points=2,
    expects=Number(),
    cases=(
        case("あい", _TABLE, gives=np.log(0.5 * 0.25 * 0.8)),
        case("いあああ", _TABLE, gives=np.log(0.3 * 0.2 * 0.15 * 0.15 * 0.6)),
        case("い", _TABLE, gives=np.log(0.3 * 0.8)),
        case("", _TABLE, gives=np.log(0.2), edge="空の文字列"),
        case("あいい", _TABLE, gives=-np.inf, edge="確率 0 の組がある"),
        case("あう", _TABLE, gives=-np.inf, edge="知らない文字がある"),
        case("の" * 10_000, _LOOP, gives=10_000 * np.log(0.5), edge="1 万文字の系列"),
    ),
    mistakes=(
        Mistake(
            "EOS を忘れています。最後の文字から EOS への組も足してください。",
            hint=1,
            wrong=lambda seq, probs: _log_sum([probs.get(pair, 0) for pair in _steps(seq)[:-1]]),
        ),
        Mistake(
            "BOS を忘れています。BOS から最初の文字への組も足してください。",
            hint=1,
            wrong=lambda seq, probs: _log_sum([probs.get(pair, 0) for pair in _steps(seq)[1:]]),
        ),
        Mistake(
            "BOS と EOS の両方を忘れています。文字どうしの組だけでなく、両端の組も足してください。",
            hint=1,
            wrong=lambda seq, probs: _log_sum([probs.get(pair, 0) for pair in _steps(seq)[1:-1]]),
        ),
        Mistake(
            "確率そのものを返しています。対数を取ってから足してください。",
            hint=2,
            wrong=lambda seq, probs: np.prod(_looked_up(seq, probs)),
        ),
        Mistake(
            "確率を足しています。確率はかけ合わせるもので、足してよいのは対数です。",
            hint=1,
            wrong=lambda seq, probs: np.sum(_looked_up(seq, probs)),
        ),
        Mistake(
            "確率の和の対数になっています。対数を取るのは足す前です。",
            hint=2,
            wrong=lambda seq, probs: np.log(np.sum(_looked_up(seq, probs))),
        ),
        Mistake(
            "どの組も表に見つかっていません。キーは (直前のトークン, 次のトークン) のタプルです。"
            "順が逆だったり、[BOS, *seq] のかわりに BOS + seq と文字列をつなげたりしていませんか？",
            hint=2,
            wrong=lambda seq, probs: _log_sum([probs.get((b, a), 0) for a, b in _steps(seq)]),
        ),
        Mistake(
            "系列の長さで割っています。系列の対数確率は平均ではなく和です。",
            hint=2,
            wrong=lambda seq, probs: np.log(_looked_up(seq, probs)).sum() / max(len(seq), 1),
        ),
        Mistake(
            "足していません。組ごとの対数確率を足して、数を 1 つ返してください。",
            hint=2,
            sign=lambda args, r: np.shape(r) == (len(args[0]) + 1,),
        ),
        Mistake(
            "対数の平均を返しています。系列の対数確率は平均ではなく和です。",
            hint=2,
            wrong=lambda seq, probs: np.log(_looked_up(seq, probs)).mean(),
        ),
        Mistake(
            "符号が逆です。1 以下の確率の対数なので、答えは 0 以下になります（NLL ではありません）。",
            hint=2,
            wrong=lambda seq, probs: -np.log(_looked_up(seq, probs)).sum(),
        ),
        Mistake(
            "底が 2 の対数になっています。この講座の単位はナット、つまり自然対数 np.log です。",
            hint=3,
            wrong=lambda seq, probs: np.log2(_looked_up(seq, probs)).sum(),
        ),
        Mistake(
            "底が 10 の対数になっています。この講座の単位はナット、つまり自然対数 np.log です。",
            hint=3,
            wrong=lambda seq, probs: np.log10(_looked_up(seq, probs)).sum(),
        ),
        Mistake(
            "かけ合わせてから対数を取っています。長い系列では積が 0 に丸められるので、対数を先に取って足してください。",
            hint=1,
            wrong=lambda seq, probs: np.log(np.prod(_looked_up(seq, probs))),
        ),
        Mistake(
            "表にない組を読み飛ばしています。表にない組は確率 0 とみなすので、対数確率は −∞ です。",
            hint=3,
            wrong=lambda seq, probs: _log_sum([probs[pair] for pair in _steps(seq) if pair in probs]),
        ),
        Mistake(
            "確率 0 の組を読み飛ばしています。起こりえない組が 1 つでもあれば、対数確率は −∞ です。",
            hint=3,
            wrong=lambda seq, probs: _log_sum([p for p in _looked_up(seq, probs) if p > 0]),
        ),
        Mistake(
            "表にない組で KeyError になっています。probs.get(組, 0) とすれば確率 0 とみなせます。",
            hint=3,
            wrong=lambda seq, probs: _log_sum([probs[pair] for pair in _steps(seq)]),
        ),
        Mistake(
            "math.log は 0 を渡すとエラーになります。np.log を使うか、確率 0 なら −np.inf を返してください。",
            hint=3,
            wrong=lambda seq, probs: _strict_log(_looked_up(seq, probs)),
            error="math domain|positive input",  # as Python has it up to 3.13, and from 3.14
        ),
        Mistake(
            "確率 0 の組があるのに、有限の値です。小さな数で置き換えたり途中でやめたりせず、−∞ を返してください。",
            hint=3,
            sign=lambda args, result: 0 in _looked_up(*args) and np.isfinite(result),
        ),
        Mistake(
            "空の文字列に 0 を返しています。空の文字列にも (BOS, EOS) の組が 1 つあります。",
            hint=2,
            wrong=lambda seq, probs: _log_sum(_looked_up(seq, probs)) if seq else 0.0,
        ),
        Mistake(
            "符号が逆です。確率 0 の対数は −∞ なので、+∞ ではなく −np.inf を返してください。",
            hint=3,
            sign=lambda args, r: np.isposinf(r),
        ),
    ),
)


def _strict_log(p):
    if 0 in p:
        raise ValueError("math domain error")
    return _log_sum(p)


def _tokens(log_probs, n_tokens):
    """Total log-probability and number of tokens; ``ValueError`` for no tokens, as the right answer does."""
    if np.sum(n_tokens) == 0:
        raise ValueError
    return np.sum(log_probs), np.sum(n_tokens)


def _mean_nll(log_probs, n_tokens):
    total, n = _tokens(log_probs, n_tokens)
    return -total / n


PERPLEXITY = Exercise(
    number="5-3",
    title="パープレキシティ",
    function="perplexity",
    points=2,
    expects=Number(),
    cases=(
        case(np.log([0.25, 0.0625]), np.array([1, 3]), gives=2 * np.sqrt(2)),
        case(np.array([-2.0, -9.0, -4.5]), np.array([2, 5, 3]), gives=np.exp(1.55)),
        case(np.array([-13.2, -7.9]), np.array([4, 6]), gives=np.exp(2.11)),
        case(np.array([np.log(0.2)]), np.array([1]), gives=5.0, edge="トークンが 1 つだけ"),
        case(np.array([-3.0, -np.inf]), np.array([2, 2]), gives=np.inf, edge="−∞ の系列がある"),
        case(
            np.array([-40_000.0, -60_000.0]),
            np.array([30_000, 20_000]),
            gives=np.exp(2.0),
            edge="和がとても小さい",
        ),
        case(np.array([]), np.array([], dtype=int), gives=Raises(ValueError), edge="系列が 1 つもない"),
    ),
    mistakes=(
        Mistake(
            "系列の数で割っています。パープレキシティはトークンあたりなので、トークンの総数で割ります。",
            hint=2,
            wrong=lambda lp, n: np.exp(-_tokens(lp, n)[0] / len(n)),
        ),
        Mistake(
            "割り算がありません。トークンの総数で割って、1 トークンあたりにしてください。",
            hint=2,
            wrong=lambda lp, n: np.exp(-_tokens(lp, n)[0]),
        ),
        Mistake(
            "符号が逆です。対数確率は 0 以下なので、−1 を掛けてから指数関数に入れます。PPL は 1 以上になります。",
            hint=2,
            wrong=lambda lp, n: np.exp(-_mean_nll(lp, n)),
        ),
        Mistake(
            "2 のべきになっています。対数確率の単位はナット（底が e）なので、戻すのも e のべき（np.exp）です。",
            hint=3,
            wrong=lambda lp, n: 2 ** _mean_nll(lp, n),
        ),
        Mistake(
            "1 トークンあたりの NLL のままです。最後に np.exp に入れると、候補の数として読めます。",
            hint=1,
            wrong=_mean_nll,
        ),
        Mistake(
            "系列ごとに平均してから、その平均を取っています。短い系列を重く見すぎます。和どうしで割ってください。",
            hint=1,
            wrong=lambda lp, n: np.exp(-np.mean(lp / n)),
        ),
        Mistake(
            "系列ごとのパープレキシティを平均しています。先に対数確率とトークンの数をそれぞれ足してください。",
            hint=1,
            wrong=lambda lp, n: np.mean(np.exp(-lp / n)),
        ),
        Mistake(
            "割り算が np.exp の外にあります。対数確率の和を先にトークンの総数で割り、それから np.exp に入れます。",
            hint=2,
            wrong=lambda lp, n: np.exp(-_tokens(lp, n)[0]) / np.sum(n),
        ),
        Mistake(
            "系列ごとのパープレキシティを平均しています。先に対数確率とトークンの数をそれぞれ足してください。",
            hint=1,
            wrong=lambda lp, n: np.sum(n * np.exp(-lp / n)) / np.sum(n),
        ),
        Mistake(
            "対数をもう一度取っています。log_probs は、もう対数を取ったあとの値です。",
            hint=2,
            wrong=lambda lp, n: np.exp(-np.sum(np.log(lp)) / np.sum(n)),
        ),
        Mistake(
            "10 のべきになっています。対数確率の単位はナット（底が e）なので、戻すのも e のべき（np.exp）です。",
            hint=3,
            wrong=lambda lp, n: 10 ** _mean_nll(lp, n),
        ),
        Mistake(
            "整数の割り算（//）で小数が切り捨てられています。/ で割ってください。",
            hint=3,
            wrong=lambda lp, n: np.exp(-_tokens(lp, n)[0] // np.sum(n)),
        ),
        Mistake(
            "1 トークンあたりの NLL をビットに直しただけです。NLL（ナット）を np.exp に入れてください。",
            hint=2,
            wrong=lambda lp, n: _mean_nll(lp, n) / np.log(2),
        ),
        Mistake(
            "系列ごとの値のままです。全体で数を 1 つ返してください。",
            hint=2,
            sign=lambda args, result: np.shape(result) == np.shape(args[0]),
        ),
        Mistake(
            "EOS の分を引いています（系列の数だけトークンが少なくなっています）。EOS も予測したトークンです。",
            hint=2,
            wrong=lambda lp, n: np.exp(-_tokens(lp, n)[0] / (np.sum(n) - len(n))),
        ),
        Mistake(
            "EOS をもう一度数えています。n_tokens には EOS がすでに入っています。",
            hint=2,
            wrong=lambda lp, n: np.exp(-_tokens(lp, n)[0] / (np.sum(n) + len(n))),
        ),
        Mistake(
            "先に確率に戻しています。exp(−100000) は 0 に丸められます。np.exp に入れるのは、割ったあとです。",
            hint=2,
            wrong=lambda lp, n: 1 / np.exp(_tokens(lp, n)[0]) ** (1 / np.sum(n)),
        ),
        Mistake(
            "−∞ の系列を読み飛ばしています。確率 0 の系列が 1 つでもあれば、パープレキシティは ∞ です。",
            hint=1,
            wrong=lambda lp, n: np.exp(_mean_nll(lp[np.isfinite(lp)], n[np.isfinite(lp)])),
        ),
        Mistake(
            "0 で割っています。トークンが 1 つもないときは、割る前に ValueError を送出してください。",
            hint=3,
            wrong=lambda lp, n: np.exp(-np.sum(lp) / np.sum(n)),
        ),
        Mistake(
            "0 で割っています。トークンが 1 つもないときは、割る前に ValueError を送出してください。",
            hint=3,
            wrong=lambda lp, n: np.exp(-sum(lp.tolist()) / sum(n.tolist())),
        ),
        Mistake(
            "トークンが 1 つもないのに値を返しています。割る前に ValueError を送出してください。",
            hint=3,
            sign=lambda args, r: np.sum(args[1]) == 0,
        ),
    ),
)


def _right_temperature(p, T):
    weights = (p == p.max()).astype(float) if T == 0 else (p / p.max()) ** (1 / T)
    return weights / weights.sum()


def _unless_greedy(change):
    """A mistake that is made at T > 0 only."""
    return lambda p, T: _right_temperature(p, 0) if T == 0 else change(p, T)


def _normalised(weights):
    return weights / weights.sum()


def _softmax(logits):
    return _normalised(np.exp(logits - logits.max()))


TEMPERATURE = Exercise(
    number="5-4",
    title="温度",
    function="apply_temperature",
    points=2,
    expects=Array(),
    cases=(
        case(np.array([0.8, 0.2]), 0.5, gives=np.array([16, 1]) / 17),
        case(np.array([0.1, 0.3, 0.6]), 2, gives=np.sqrt([1, 3, 6]) / np.sqrt([1, 3, 6]).sum()),
        case(np.array([0.4, 0.1, 0.2, 0.3]), 1, gives=np.array([0.4, 0.1, 0.2, 0.3])),
        case(np.array([0.2, 0.5, 0.3]), 0, gives=np.array([0, 1, 0]), edge="T = 0"),
        case(np.array([0.4, 0.2, 0.4]), 0, gives=np.array([0.5, 0, 0.5]), edge="T = 0 で最大が 2 つある"),
        case(np.array([0.1, 0.2, 0.15, 0.3, 0.25]), 0.001, gives=np.array([0, 0, 0, 1, 0]), edge="T がとても小さい"),
        case(np.array([0.5, 0.0, 0.5]), 3, gives=np.array([0.5, 0.0, 0.5]), edge="確率 0 の要素がある"),
    ),
    mistakes=(
        Mistake(
            "T 乗しています（log p に T を掛けるのも同じです）。T が小さいほど山が鋭くなるように、1/T 乗します。",
            hint=1,
            wrong=_unless_greedy(lambda p, T: _normalised(p**T)),
        ),
        Mistake(
            "正規化していません。1/T 乗したあと、和が 1 になるように割ってください。",
            hint=2,
            wrong=_unless_greedy(lambda p, T: p ** (1 / T)),
        ),
        Mistake(
            "最大の要素が 1 になったままです。最後に和で割って、和を 1 にしてください。",
            hint=2,
            wrong=_unless_greedy(lambda p, T: (p / p.max()) ** (1 / T)),
        ),
        Mistake(
            "温度が効かず、もとの p に戻っています。p を T で割ってから正規化しても、p のままです。"
            "p ** (1 / T) と、かっこを付けて 1/T 乗してください。",
            hint=2,
            wrong=_unless_greedy(lambda p, T: _normalised(p / T)),
        ),
        Mistake(
            "確率をそのまま softmax に入れています。softmax に入れるのは log p / T です（p^(1/T) と同じになります）。",
            hint=2,
            wrong=_unless_greedy(lambda p, T: _softmax(p / T)),
        ),
        Mistake(
            "p を T で割っただけです。p の 1/T 乗を、和が 1 になるように割ってください。",
            hint=2,
            wrong=_unless_greedy(lambda p, T: p / T),
        ),
        Mistake(
            "log p / T のまま返しています。np.exp に入れて、和が 1 になるように割ってください。",
            hint=2,
            wrong=_unless_greedy(lambda p, T: np.log(p) / T),
        ),
        Mistake(
            "1/T が整数に切り捨てられています。1 // T ではなく 1 / T です。",
            hint=3,
            wrong=_unless_greedy(lambda p, T: _normalised(p ** (1 // T))),
        ),
        Mistake(
            "最大の要素の番号を返しています。T = 0 でも、返すのは形 (K,) の確率です。",
            hint=2,
            wrong=lambda p, T: np.argmax(p) if T == 0 else _right_temperature(p, T),
        ),
        Mistake(
            "同点のうち最初の 1 つだけを選んでいます。最大の要素が複数あるときは、それらで等分してください。",
            hint=2,
            wrong=lambda p, T: np.eye(len(p))[np.argmax(p)] if T == 0 else _right_temperature(p, T),
        ),
        Mistake(
            "同点の要素がどれも 1 になっています。T = 0 のときも、和が 1 になるように割ってください。",
            hint=2,
            wrong=lambda p, T: np.where(p == p.max(), 1.0, 0.0) if T == 0 else _right_temperature(p, T),
        ),
        Mistake(
            "T = 0 のときにもとの p を返しています。T → 0 の極限は、最大の要素だけを選ぶ貪欲法です。",
            hint=2,
            wrong=lambda p, T: p if T == 0 else _right_temperature(p, T),
        ),
        Mistake(
            "T = 0 のときに一様分布になっています。それは T → ∞ の極限です。T → 0 では最大の要素だけが残ります。",
            hint=2,
            wrong=lambda p, T: np.full(len(p), 1 / len(p)) if T == 0 else _right_temperature(p, T),
        ),
        Mistake(
            "T = 0 のときに 0 で割っています。T = 0 は別に扱い、最大の要素だけを残してください。",
            hint=2,
            wrong=lambda p, T: _normalised((p / p.max()) ** (1 / T)),
        ),
        Mistake(
            "T = 0 のときに 0 で割っています。T = 0 は別に扱い、最大の要素だけを残してください。",
            hint=2,
            wrong=lambda p, T: _softmax(np.log(p) / T),
        ),
        Mistake(
            "T が小さいと全部の要素が 0 に丸められ、0 / 0 になっています。先に最大値 p.max() で割っておきます。",
            hint=1,
            wrong=_unless_greedy(lambda p, T: _normalised(p ** (1 / T))),
        ),
        Mistake(
            "確率 0 の要素に確率が付いています。0 は何乗しても 0 なので、小さな数を足す必要はありません。",
            hint=1,
            sign=lambda args, r: (np.asarray(r)[args[0] == 0] > 0).any(),
        ),
        Mistake(
            "ほんの少しだけずれています。p や分母に小さな数を足したり、途中で丸めたりしていませんか？",
            hint=1,
            sign=lambda args, r: np.ndim(r) == 1 and np.allclose(r, _right_temperature(*args), rtol=0, atol=5e-3),
        ),
    ),
)

EXERCISES = (BIGRAM, SEQUENCE_LOG_PROB, PERPLEXITY, TEMPERATURE)
