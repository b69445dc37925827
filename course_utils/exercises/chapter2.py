"""Chapter 2: what ``check`` knows about its exercises."""

import math

import numpy as np

from .core import Exercise, Mistake, Seed, case
from .expect import Array, BernoulliDraws, Raises, unlikely

_PICTURES = np.array([[1, 0, 1], [1, 1, 0], [1, 0, 0], [0, 0, 1]])

BERNOULLI_MLE = Exercise(
    number="2-1",
    title="画素ごとの最尤推定",
    function="bernoulli_mle",
    points=2,
    expects=Array(),
    cases=(
        case(_PICTURES, gives=np.array([0.75, 0.25, 0.5])),
        case(np.array([[0, 1], [0, 1], [1, 1], [0, 1], [1, 0]]), gives=np.array([0.4, 0.8])),
        case(np.array([[1, 1, 0, 1], [1, 0, 0, 1]]), gives=np.array([1.0, 0.5, 0.0, 1.0])),
        case(np.array([[0, 1, 1]]), gives=np.array([0.0, 1.0, 1.0]), edge="画像が 1 枚だけ"),
        case(np.zeros((0, 4), dtype=int), gives=Raises(ValueError), edge="データが 1 枚もない"),
    ),
    mistakes=(
        Mistake(
            "axis=1 で平均しています。それは画素ごとではなく、画像ごとの平均です。",
            hint=2,
            wrong=lambda x: x.mean(axis=1),
        ),
        Mistake(
            "全部の画素をまとめて平均しています。画素ごとに 1 つずつ、d 個の確率を返してください。",
            hint=1,
            wrong=lambda x: x.mean(),
        ),
        Mistake(
            "1 の枚数のまま返しています。画像の枚数 N で割ると割合になります。",
            hint=1,
            wrong=lambda x: x.sum(axis=0),
        ),
        Mistake(
            "N − 1 で割っています。対数尤度を最大にするのは、N で割った割合そのものです。",
            hint=2,
            wrong=lambda x: x.sum(axis=0) / (len(x) - 1),
        ),
        Mistake(
            "整数の割り算（//）で小数が切り捨てられています。/ で割ってください。",
            hint=3,
            wrong=lambda x: x.sum(axis=0) // len(x),
        ),
        Mistake(
            "画素の総数 N × d で割っています。割るのは画像の枚数 N です。",
            hint=1,
            wrong=lambda x: x.sum(axis=0) / x.size,
        ),
        Mistake(
            "平滑化した値になっています。ここで求めるのは最尤推定なので、足すものはありません。",
            hint=1,
            wrong=lambda x: (x.sum(axis=0) + 1) / (len(x) + 2),
        ),
        Mistake(
            "画素の数 d で割っています。割るのは画像の枚数 N です。",
            hint=1,
            wrong=lambda x: x.sum(axis=0) / x.shape[1],
        ),
        Mistake(
            "画素についての和が 1 になるように割っています。画素ごとに別のコインなので、どれも枚数 N で割ります。",
            hint=1,
            wrong=lambda x: x.sum(axis=0) / x.sum(),
        ),
        Mistake(
            "0 だった割合になっています。求めるのは 1 だった割合です。",
            hint=1,
            wrong=lambda x: 1 - x.mean(axis=0),
        ),
        Mistake(
            "分散を返しています。最尤推定は、1 だった割合（平均）そのものです。",
            hint=1,
            wrong=lambda x: x.var(axis=0),
        ),
        Mistake(
            "標準偏差を返しています。最尤推定は、1 だった割合（平均）そのものです。",
            hint=1,
            wrong=lambda x: x.std(axis=0),
        ),
        Mistake(
            "0 か 1 に丸めています。割合のまま返してください。",
            hint=1,
            wrong=lambda x: np.round(x.mean(axis=0)),
        ),
        Mistake(
            "中央値を返しています。1 だった割合は、平均です。",
            hint=1,
            wrong=lambda x: np.median(x, axis=0),
        ),
        Mistake(
            "百分率（100 倍）になっています。0 から 1 の割合のまま返してください。",
            hint=1,
            wrong=lambda x: 100 * x.mean(axis=0),
        ),
        Mistake(
            "形が (1, d) になっています。keepdims や余分な [ ] を付けなければ、axis=0 の平均は形 (d,) です。",
            hint=2,
            sign=lambda args, r: np.shape(r) == (1, args[0].shape[1]),
        ),
        Mistake(
            "0 / 0 になっています。画像が 1 枚もないときは、割る前に ValueError を送出してください。",
            hint=3,
            wrong=lambda x: x.sum(axis=0) / len(x),
        ),
        Mistake(
            "0 / 0 になっています。画像が 1 枚もないときは、割る前に ValueError を送出してください。",
            hint=3,
            wrong=lambda x: [sum(column) / len(x) for column in x.T.tolist()],
        ),
        Mistake(
            "画像が 1 枚もないのに値が返ってきます（None も値です）。"
            "割合は決まらないので、raise ValueError(...) としてください。",
            hint=3,
            sign=lambda args, r: len(args[0]) == 0,
        ),
    ),
)


def _chosen(x, p):
    """The probability of the value that each pixel has."""
    return np.where(x == 1, p, 1 - p)


def _turned_finite(args, result) -> bool:
    """Whether a row that has probability 0 got a finite log-probability."""
    impossible = (_chosen(*args) == 0).any(axis=1)
    return bool(np.isfinite(np.asarray(result, dtype=float)[impossible]).any())


def _underflowed(args, result) -> bool:
    """Whether a row whose positive probability rounds to 0 got the logarithm of 0."""
    possible = (_chosen(*args) > 0).all(axis=1) & (_chosen(*args).prod(axis=1) == 0)
    return bool(np.isneginf(np.asarray(result, dtype=float)[possible]).any())


def _a_little_off(args, result) -> bool:
    """Whether a row that is possible came out nearly right."""
    want = np.log(_chosen(*args)).sum(axis=1)
    possible = np.isfinite(want)
    return bool(possible.any() and np.allclose(np.asarray(result)[possible], want[possible], rtol=1e-3, atol=1e-2))


BERNOULLI_LOG_PROB = Exercise(
    number="2-2",
    title="画像 1 枚の対数尤度",
    function="bernoulli_log_prob",
    points=2,
    expects=Array(),
    cases=(
        case(np.array([[1, 0], [1, 1], [0, 0]]), np.array([0.5, 0.25]), gives=np.log([0.375, 0.125, 0.375])),
        case(
            np.array([[1, 0, 1, 1], [0, 0, 0, 1]]),
            np.array([0.9, 0.2, 0.6, 0.3]),
            gives=np.log([0.9 * 0.8 * 0.6 * 0.3, 0.1 * 0.8 * 0.4 * 0.3]),
        ),
        case(
            np.array([[1, 0, 1], [1, 0, 0]]),
            np.array([1.0, 0.0, 0.25]),
            gives=np.log([0.25, 0.75]),
            edge="p が 0 か 1 で、x が一致する",
        ),
        case(
            np.array([[0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]]),
            np.array([1.0, 0.0, 0.25]),
            gives=np.array([-np.inf, -np.inf, -np.inf, np.log(0.25)]),
            edge="p が 0 か 1 で、x が一致しない行がある",
        ),
        case(
            np.tile([[1, 0], [0, 0]], 1_000),
            np.tile([0.3, 0.6], 1_000),
            gives=1_000 * np.log([0.3 * 0.4, 0.7 * 0.4]),
            edge="画素が 2,000 個ある",
        ),
    ),
    mistakes=(
        Mistake(
            "画素について平均しています。独立な確率の積の対数なので、画素について足します。",
            hint=2,
            wrong=lambda x, p: np.log(_chosen(x, p)).mean(axis=1),
        ),
        Mistake(
            "1 の画素しか数えていません。白い画素（0）も log(1 − p) だけ寄与します。",
            hint=1,
            wrong=lambda x, p: (x * np.log(p)).sum(axis=1),
        ),
        Mistake(
            "p と 1 − p が逆です。x が 1 なら p、0 なら 1 − p を使います。",
            hint=1,
            wrong=lambda x, p: np.log(_chosen(1 - x, p)).sum(axis=1),
        ),
        Mistake(
            "底が 2 の対数になっています。ナットで答えるには自然対数 np.log を使います。",
            hint=2,
            wrong=lambda x, p: np.log2(_chosen(x, p)).sum(axis=1),
        ),
        Mistake(
            "対数を取らず、確率そのものを返しています。",
            hint=2,
            wrong=lambda x, p: _chosen(x, p).prod(axis=1),
        ),
        Mistake(
            "確率を足してから対数を取っています（和の対数）。先に対数を取り、それから足します（対数の和）。",
            hint=2,
            wrong=lambda x, p: np.log(_chosen(x, p).sum(axis=1)),
        ),
        Mistake(
            "0 の画素しか数えていません。黒い画素（1）も log p だけ寄与します。",
            hint=1,
            wrong=lambda x, p: ((1 - x) * np.log(1 - p)).sum(axis=1),
        ),
        Mistake(
            "x * p の対数を取っているので、0 の画素で log 0 になっています。0 の画素が起きる確率は 1 − p です。",
            hint=1,
            wrong=lambda x, p: np.log(x * p).sum(axis=1),
        ),
        Mistake(
            "底が 10 の対数になっています。ナットで答えるには自然対数 np.log を使います。",
            hint=2,
            wrong=lambda x, p: np.log10(_chosen(x, p)).sum(axis=1),
        ),
        Mistake(
            "確率の平均の対数になっています。先に対数を取り、それから足します（対数の和）。",
            hint=2,
            wrong=lambda x, p: np.log(_chosen(x, p).mean(axis=1)),
        ),
        Mistake(
            "対数を取らずに確率を足しています。積にあたるのは、対数の和です。",
            hint=2,
            wrong=lambda x, p: _chosen(x, p).sum(axis=1),
        ),
        Mistake(
            "1 − p の対数ではなく、1 − log p を使っています。0 の画素の項は (1 − x) log(1 − p) です。",
            hint=1,
            wrong=lambda x, p: (x * np.log(p) + (1 - x) * (1 - np.log(p))).sum(axis=1),
        ),
        Mistake(
            "0 の画素の項を引いています。どちらの項も足します。",
            hint=1,
            wrong=lambda x, p: (x * np.log(p) - (1 - x) * np.log(1 - p)).sum(axis=1),
        ),
        Mistake(
            "画素ごとの値のまま返しています。画素の向き（axis=1）に足して、画像ごとに 1 つの数にしてください。",
            hint=2,
            wrong=lambda x, p: np.log(_chosen(x, p)),
        ),
        Mistake(
            "符号が逆です。求めるのは対数尤度で、0 以下の数になります（符号を変えたものは NLL です）。",
            hint=1,
            wrong=lambda x, p: -np.log(_chosen(x, p)).sum(axis=1),
        ),
        Mistake(
            "全部の画像の合計を 1 つだけ返しています。画像 1 枚につき 1 つ、N 個の数を返してください。",
            hint=2,
            wrong=lambda x, p: np.log(_chosen(x, p)).sum(),
        ),
        Mistake(
            "axis=0 で足しています。画像ごとに、画素の向き（axis=1）に足してください。",
            hint=3,
            wrong=lambda x, p: np.log(_chosen(x, p)).sum(axis=0),
        ),
        Mistake(
            "数を 1 つしか返していません。画像 1 枚につき 1 つ、N 個の数を返してください。",
            hint=2,
            sign=lambda args, r: np.ndim(r) == 0 and np.isfinite(r),
        ),
        Mistake(
            "0 × (−∞) を計算して NaN になっています。使わないほうの項は、掛けて消すのではなく選ばないようにします。",
            hint=3,
            sign=lambda args, r: np.isnan(r).any() and np.isin(args[1], [0, 1]).any(),
        ),
        Mistake(
            "log 0 を、小さな数を足したり置き換えたりして避けています。"
            "確率 0 のことが起きた画像の対数尤度は、正しく −∞ にしてください。",
            hint=1,
            sign=_turned_finite,
        ),
        Mistake(
            "確率を全部掛けてから対数を取っています。画素が多いと積が 0 に丸められます。先に対数を取って足します。",
            hint=2,
            sign=_underflowed,
        ),
        Mistake(
            "math.log は 0 を渡すとエラーになります。np.log なら、警告は出ますが −∞ を返します。",
            hint=3,
            wrong=lambda x, p: [sum(map(math.log, row)) for row in _chosen(x, p)],
            error="math domain|positive input",  # as Python has it up to 3.13, and from 3.14
        ),
        Mistake(
            "ほんの少しだけずれています。"
            "p や log の中に小さな数を足したり、値を切ったり（clip）、丸めたりしていませんか？",
            hint=3,
            sign=_a_little_off,
        ),
    ),
)


def _looks_like(p, result) -> bool:
    """Whether the columns of ``result``, many rows of 0 and 1, could be coins with probabilities ``p``."""
    drawn = np.asarray(result)
    if drawn.ndim != 2 or len(drawn) < 100 or not np.isin(drawn, [0, 1]).all():
        return False
    return not unlikely(drawn.sum(axis=0), len(drawn), np.asarray(p), tests=len(p)).any()


def _one_uniform_a_row(args, result) -> bool:
    """Whether a rarer pixel is on only where a commoner one is, as with one uniform number for the whole row."""
    got = np.asarray(result)[:, np.argsort(args[0])]
    return _looks_like(args[0], result) and got.shape[1] > 1 and bool((got[:, :-1] <= got[:, 1:]).all())


def _same_rows(result) -> bool:
    got = np.asarray(result)
    return len(got) > 1 and bool((got == got[0]).all())


SAMPLE_BERNOULLI = Exercise(
    number="2-3",
    title="コインを投げて描く",
    function="sample_bernoulli",
    points=2,
    expects=BernoulliDraws(),
    random=True,
    cases=(
        case(np.array([0.7, 0.2, 0.45]), 4_000, Seed(1)),
        case(np.array([0.05, 0.9, 0.3, 0.6, 0.15]), 4_000, Seed(2)),
        case(np.array([0.0, 1.0, 0.35]), 1_000, Seed(3), edge="p に 0 と 1 がある"),
        case(np.array([0.4, 0.6]), 0, Seed(4), edge="n = 0"),
    ),
    mistakes=(
        Mistake(
            "0 と 1 の確率が逆になっています。一様乱数 u が u < p のとき 1 にします（u ≥ p ではありません）。",
            hint=1,
            sign=lambda args, r: _looks_like(1 - args[0], r),
        ),
        Mistake(
            "確率のまま返しています。コインを投げた結果の 0 か 1 を返してください。",
            hint=1,
            sign=lambda args, r: np.allclose(r, args[0]),
        ),
        Mistake(
            "どの画像も同じです。確率 0.5 で切り分けるのではなく、画像ごとに新しい一様乱数と比べてください。",
            hint=1,
            sign=lambda args, r: _same_rows(r) and bool((np.asarray(r)[0] == (args[0] > 0.5)).all()),
        ),
        Mistake(
            "どの画像も同じです。乱数を d 個しか引いていません。画像の枚数分、n × d 個を引いてください。",
            hint=2,
            sign=lambda args, r: _same_rows(r),
        ),
        Mistake(
            "1 枚の画像の全部の画素に同じ乱数を使っています。画素ごとに別の一様乱数を引いてください。",
            hint=2,
            sign=_one_uniform_a_row,
        ),
        Mistake(
            "行と列が逆です。1 行が 1 枚になるように、形を (n, d) にしてください。",
            hint=2,
            sign=lambda args, r: np.shape(r) == (len(args[0]), args[1]),
        ),
        Mistake(
            "p を使わず、どの画素も確率 ½ で投げています。",
            hint=1,
            sign=lambda args, r: _looks_like(np.full(len(args[0]), 0.5), r),
        ),
        Mistake(
            "正規乱数と比べています。u < p となる確率が p になるのは、一様乱数 rng.random です。",
            hint=1,
            sign=lambda args, r: _looks_like([(1 + math.erf(p / 2**0.5)) / 2 for p in args[0]], r),
        ),
        Mistake(
            "どの画素にも p の平均を使っています。画素 j は p[j] と比べてください。",
            hint=3,
            sign=lambda args, r: _looks_like(np.full(len(args[0]), np.mean(args[0])), r),
        ),
        Mistake(
            "p の並びが逆になっています。画素 j は p[j] と比べてください。",
            hint=3,
            sign=lambda args, r: _looks_like(args[0][::-1], r),
        ),
        Mistake(
            "どの画像にも 1 が 1 つだけあります。画素を 1 つ選ぶのではなく、画素ごとにコインを投げます。",
            hint=1,
            sign=lambda args, r: np.shape(r) == (args[1], len(args[0])) and (np.sum(r, axis=1) == 1).all(),
        ),
        Mistake(
            "画像が 1 枚しかありません。n 枚分の一様乱数を、形 (n, d) で引いてください。",
            hint=2,
            sign=lambda args, r: np.shape(r) in ((len(args[0]),), (1, len(args[0]))),
        ),
        Mistake(
            "全部の画素が 1 列に並んでいます。1 行が 1 枚になるように、乱数を形 (n, d) で引いてください。",
            hint=2,
            sign=lambda args, r: np.shape(r) == (args[1] * len(args[0]),) and args[1] > 0,
        ),
        Mistake(
            "1 のかわりに確率 p[j] が入っています。u < p なら 1、そうでなければ 0 です。",
            hint=3,
            sign=lambda args, r: np.isin(r, [0, *args[0]]).all() and np.ndim(r) == 2,
        ),
        Mistake(
            "一様乱数をそのまま返しています。p と比べて、0 か 1 にしてください。",
            hint=1,
            sign=lambda args, r: len(np.unique(r)) == np.size(r) > 1,
        ),
        Mistake(
            "一様乱数と p の形が合っていません。乱数を形 (n, d) で引けば、p がどの行にもそのまま使われます。",
            hint=2,
            error="could not be broadcast",
        ),
        Mistake(
            "n = 0 のときの形が (0, d) になっていません。乱数を形 (n, d) でまとめて引けば、(0, d) になります。",
            hint=2,
            sign=lambda args, r: args[1] == 0,
        ),
    ),
)


def _together(x):
    """P(i, j): how often both pixels are 1."""
    x = x.astype(float)
    return x.T @ x / len(x)


def _excess(x):
    p = x.mean(axis=0)
    return _together(x) - np.outer(p, p)


def _correlation(x):
    sd = x.std(axis=0)
    return _excess(x) / np.outer(sd, sd)


def _zero_diagonal(x):
    return _excess(x) * (1 - np.eye(x.shape[1]))


_SIX = np.array([[1, 1, 0], [1, 1, 1], [1, 0, 0], [0, 0, 1], [1, 1, 0], [0, 0, 0]])

EXCESS_COOCCURRENCE = Exercise(
    number="2-4",
    title="共起の過剰",
    function="excess_cooccurrence",
    points=2,
    expects=Array(),
    cases=(
        case(np.array([[1, 1], [1, 1], [0, 0], [1, 0]]), gives=np.array([[0.1875, 0.125], [0.125, 0.25]])),
        case(_SIX, gives=np.array([[8, 6, -2], [6, 9, 0], [-2, 0, 8]]) / 36),
        case(
            np.array([[1, 0, 1], [1, 0, 0], [1, 0, 0]]),
            gives=np.diag([0, 0, 2 / 9]),
            edge="いつも 1、いつも 0 の画素がある",
        ),
        case(np.array([[1, 0]]), gives=np.zeros((2, 2)), edge="画像が 1 枚だけ"),
        case(
            np.tile(_SIX, (50, 1)).astype(np.int8),
            gives=np.array([[8, 6, -2], [6, 9, 0], [-2, 0, 8]]) / 36,
            edge="int8 の画像が 300 枚ある",
        ),
    ),
    mistakes=(
        Mistake(
            "相関係数を返しています。標準偏差では割らず、P(i, j) − P(i) P(j) のまま返してください。",
            hint=1,
            wrong=_correlation,
        ),
        Mistake(
            "N − 1 で割っています（np.cov は何も指定しないとそうなります）。割合なので N で割ります。",
            hint=2,
            wrong=lambda x: np.cov(x.T),
        ),
        Mistake(
            "対角を 0 にしています。i = j のときも同じ式で計算します（P(i, i) は P(i) と同じです）。",
            hint=1,
            wrong=_zero_diagonal,
        ),
        Mistake(
            "P(i, j) を返しています。独立でも起きる分 P(i) P(j) を引いてください。",
            hint=1,
            wrong=_together,
        ),
        Mistake(
            "引く順番が逆です。P(i, j) から P(i) P(j) を引きます。",
            hint=1,
            wrong=lambda x: -_excess(x),
        ),
        Mistake(
            "両方 1 だった枚数を N で割っていません。割合に直してから引きます。",
            hint=2,
            wrong=lambda x: _together(x) * len(x) - np.outer(x.mean(axis=0), x.mean(axis=0)),
        ),
        Mistake(
            "画像どうしの組を比べています。np.cov は行を変数とみなすので、x.T を渡します。"
            "N で割るには bias=True も要ります。",
            hint=2,
            wrong=lambda x: np.cov(x),
        ),
        Mistake(
            "p * p は要素ごとの積で、長さ d の配列です。すべての組の積 P(i) P(j) は np.outer(p, p) です。",
            hint=2,
            wrong=lambda x: _together(x) - x.mean(axis=0) ** 2,
        ),
        Mistake(
            "p @ p は 1 つの数です。すべての組の積 P(i) P(j) は np.outer(p, p) です。",
            hint=2,
            wrong=lambda x: _together(x) - x.mean(axis=0) @ x.mean(axis=0),
        ),
        Mistake(
            "P(i) P(j) ではなく、P(j) だけを引いています。",
            hint=1,
            wrong=lambda x: _together(x) - x.mean(axis=0),
        ),
        Mistake(
            "P(i) P(j) だけを返しています。P(i, j) から、それを引いたものが答えです。",
            hint=1,
            wrong=lambda x: np.outer(x.mean(axis=0), x.mean(axis=0)),
        ),
        Mistake(
            "引かずに割っています。求めるのは比ではなく、差 P(i, j) − P(i) P(j) です。",
            hint=1,
            wrong=lambda x: _together(x) / np.outer(x.mean(axis=0), x.mean(axis=0)),
        ),
        Mistake(
            "絶対値を取っています。独立なときより少なければ、負のまま返します。",
            hint=1,
            wrong=lambda x: np.abs(_excess(x)),
        ),
        Mistake(
            "P(i, j) を求めるときに、画素の数 d で割っています。割るのは画像の枚数 N です。",
            hint=2,
            wrong=lambda x: x.T @ x / x.shape[1] - np.outer(x.mean(axis=0), x.mean(axis=0)),
        ),
        Mistake(
            "枚数のまま引き算をしています。どちらも N で割って、割合に直してから引きます。",
            hint=2,
            wrong=lambda x: len(x) * _excess(x),
        ),
        Mistake(
            "枚数のまま引き算をしています。どちらも N で割って、割合に直してから引きます。",
            hint=2,
            wrong=lambda x: x.T @ x - np.outer(x.sum(axis=0), x.sum(axis=0)),
        ),
        Mistake(
            "P(i, j) を求めるときに、N − 1 で割っています。割合なので N で割ります。",
            hint=2,
            wrong=lambda x: x.T @ x / (len(x) - 1) - np.outer(x.mean(axis=0), x.mean(axis=0)),
        ),
        Mistake(
            "整数の割り算（//）で小数が切り捨てられています。/ で割ってください。",
            hint=3,
            wrong=lambda x: x.T @ x // len(x) - np.outer(x.mean(axis=0), x.mean(axis=0)),
        ),
        Mistake(
            "対角だけ P(i) になっています。対角にも、同じ引き算 P(i, i) − P(i)² をします。",
            hint=1,
            wrong=lambda x: _zero_diagonal(x) + np.diag(x.mean(axis=0)),
        ),
        Mistake(
            "対角（i = j）しか計算していません。すべての組について、形 (d, d) で返してください。",
            hint=2,
            sign=lambda args, r: np.allclose(r, np.diag(_excess(args[0]))),
        ),
        Mistake(
            "対角の片側が 0 です。(i, j) と (j, i) の両方に、同じ値を入れてください。",
            hint=2,
            sign=lambda args, r: any(np.allclose(r, half(_excess(args[0]))) for half in (np.triu, np.tril)),
        ),
        Mistake(
            "画像どうしの組を比べています。画素どうしの組なので、形は (d, d) です（x @ x.T ではなく x.T @ x）。",
            hint=2,
            wrong=lambda x: _excess(x.T),
        ),
        Mistake(
            "画像どうしの組を比べています。画素どうしの組なので、形は (d, d) です（x @ x.T ではなく x.T @ x）。",
            hint=2,
            error=r"shapes \(4,4\) \(2,2\)",  # those of the first case
        ),
        Mistake(
            "int8 のまま行列の積を計算し、127 を超えた枚数が桁あふれしています。先に x.astype(float) としてください。",
            hint=3,
            wrong=lambda x: x.T @ x / len(x) - np.outer(x.mean(axis=0), x.mean(axis=0)),
        ),
    ),
)

EXERCISES = (BERNOULLI_MLE, BERNOULLI_LOG_PROB, SAMPLE_BERNOULLI, EXCESS_COOCCURRENCE)
