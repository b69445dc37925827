"""Chapter 8: what ``check`` knows about its exercises."""

from statistics import NormalDist

import numpy as np

from .core import Exercise, Mistake, Seed, case
from .expect import Array, BootstrapInterval, Choice, Mask, Raises, bootstrap_bounds

# 8-1 choose_family: the rules, in this order.

EXPLICIT, LATENT, DIFFUSION, FAST, MIXED = (
    "自己回帰・フロー",
    "VAE",
    "拡散",
    "GAN・蒸留した拡散",
    "組み合わせ",
)


def _likelihood(likelihood, fast, control, quality, budget):
    return EXPLICIT if likelihood else None


def _control(likelihood, fast, control, quality, budget):
    return LATENT if control and budget != "大" else None


def _quality(likelihood, fast, control, quality, budget):
    return DIFFUSION if quality == "最高" and not fast and budget != "小" else None


def _fast(likelihood, fast, control, quality, budget):
    return FAST if fast and quality != "普通" else None


def _in_order(*rules):
    """A chooser that answers with the first of ``rules`` that applies, the rest mixed; strings are not checked."""

    def choose(*constraints):
        return next((answer for rule in rules if (answer := rule(*constraints))), MIXED)

    return choose


def _checked(choose):
    def checked(likelihood, fast, control, quality, budget):
        if quality not in ("普通", "高い", "最高") or budget not in ("小", "中", "大"):
            raise ValueError
        return choose(likelihood, fast, control, quality, budget)

    return checked


def _mistake_in_rules(says, *rules, hint=2):
    return Mistake(says, hint=hint, wrong=_in_order(*rules))


CHOOSE = Exercise(
    number="8-1",
    title="規則で族を選ぶ",
    function="choose_family",
    points=2,
    expects=Choice((EXPLICIT, LATENT, DIFFUSION, FAST, MIXED)),
    cases=(
        case(True, False, False, "高い", "中", gives=EXPLICIT),
        case(False, False, True, "高い", "小", gives=LATENT),
        case(False, False, False, "最高", "大", gives=DIFFUSION),
        case(False, True, False, "高い", "中", gives=FAST),
        case(False, False, False, "普通", "中", gives=MIXED),
        case(True, True, True, "最高", "小", gives=EXPLICIT),
        case(False, False, True, "最高", "中", gives=LATENT),
        case(False, True, True, "最高", "中", gives=LATENT),
        case(False, False, True, "最高", "大", gives=DIFFUSION),
        case(False, True, True, "普通", "大", gives=MIXED),
        case(False, True, False, "最高", "大", gives=FAST),
        case(False, False, False, "最高", "小", gives=MIXED),
        case(False, False, False, "最高", "中", gives=DIFFUSION),
        case(False, True, False, "普通", "小", gives=MIXED),
        case(False, False, False, "高い", "大", gives=MIXED),
        case(False, False, False, "すごい", "大", gives=Raises(ValueError), edge="知らない品質"),
        case(True, False, False, "高い", "無限", gives=Raises(ValueError), edge="知らない予算"),
    ),
    mistakes=(
        _mistake_in_rules(
            "潜在変数の規則を、尤度の規則より先に見ています。規則は表の上から順に見ます。",
            _control, _likelihood, _quality, _fast, hint=1,
        ),
        _mistake_in_rules(
            "品質の規則を、潜在変数の規則より先に見ています。規則は表の上から順に見ます。",
            _likelihood, _quality, _control, _fast, hint=1,
        ),
        _mistake_in_rules(
            "速さの規則を、潜在変数の規則より先に見ています。規則は表の上から順に見ます。",
            _likelihood, _fast, _control, _quality, hint=1,
        ),
        _mistake_in_rules(
            "規則 2 で予算を見ていません。VAE を選ぶのは、予算が「小」か「中」のときです。"
            "（budget == '小' or '中' はいつも真です。budget in ('小', '中') と書きます。）",
            _likelihood, lambda a, f, c, q, b: LATENT if c else None, _quality, _fast,
        ),
        _mistake_in_rules(
            "規則 2 が予算「中」を落としています。「小」と「中」の両方です。",
            _likelihood, lambda a, f, c, q, b: LATENT if c and b == "小" else None, _quality, _fast,
        ),
        _mistake_in_rules(
            "規則 3 で予算を見ていません。予算が「小」なら拡散は選びません。",
            _likelihood, _control, lambda a, f, c, q, b: DIFFUSION if q == "最高" and not f else None, _fast,
        ),
        _mistake_in_rules(
            "規則 3 で速さを見ていません。速いサンプリングが要るときは、拡散は選びません。",
            _likelihood, _control, lambda a, f, c, q, b: DIFFUSION if q == "最高" and b != "小" else None, _fast,
        ),
        _mistake_in_rules(
            "規則 3 が品質「高い」にも拡散を選んでいます。「最高」のときだけです。",
            _likelihood, _control, lambda a, f, c, q, b: DIFFUSION if q != "普通" and not f and b != "小" else None,
            _fast,
        ),
        _mistake_in_rules(
            "規則 4 で品質を見ていません。品質が「普通」なら、速くても規則 4 は当てはまりません。"
            "（quality == '高い' or '最高' はいつも真です。quality in ('高い', '最高') と書きます。）",
            _likelihood, _control, _quality, lambda a, f, c, q, b: FAST if f else None,
        ),
        _mistake_in_rules(
            "規則 4 が品質「最高」を落としています。「高い」と「最高」の両方です。",
            _likelihood, _control, _quality, lambda a, f, c, q, b: FAST if f and q == "高い" else None,
        ),
        _mistake_in_rules(
            "規則 3 が予算「中」を落としています。「小」でなければ、「中」でも「大」でも当てはまります。",
            _likelihood, _control, lambda a, f, c, q, b: DIFFUSION if q == "最高" and not f and b == "大" else None,
            _fast,
        ),
        _mistake_in_rules(
            "規則 3 で品質を見ていません。拡散を選ぶのは、品質が「最高」のときだけです。",
            _likelihood, _control, lambda a, f, c, q, b: DIFFUSION if not f and b != "小" else None, _fast,
        ),
        _mistake_in_rules(
            "規則 2 の and と or の順に注意してください。and が先に計算されるので、"
            "need_latent_control and budget in ('小', '中') と書きます。",
            _likelihood, lambda a, f, c, q, b: LATENT if (c and b == "小") or b == "中" else None, _quality, _fast,
        ),
        _mistake_in_rules(
            "規則 4 の and と or の順に注意してください。and が先に計算されるので、"
            "need_fast_sampling and quality in ('高い', '最高') と書きます。",
            _likelihood, _control, _quality,
            lambda a, f, c, q, b: FAST if (f and q == "高い") or q == "最高" else None,
        ),
        _mistake_in_rules(
            "規則 1（尤度）がありません。表の 5 本の規則をすべて、上から順に書いてください。",
            _control, _quality, _fast,
        ),
        _mistake_in_rules(
            "規則 2（潜在変数）がありません。表の 5 本の規則をすべて、上から順に書いてください。",
            _likelihood, _quality, _fast,
        ),
        _mistake_in_rules(
            "規則 3（拡散）がありません。表の 5 本の規則をすべて、上から順に書いてください。",
            _likelihood, _control, _fast,
        ),
        _mistake_in_rules(
            "規則 4（速いサンプリング）がありません。表の 5 本の規則をすべて、上から順に書いてください。",
            _likelihood, _control, _quality,
        ),
        _mistake_in_rules(
            "最後に当てはまった規則を選んでいます。上から順に見て、最初に当てはまったところで return してください。",
            _fast, _quality, _control, _likelihood, hint=1,
        ),
        Mistake(
            "言葉を確かめずに答えることがあります。quality と budget の両方を、規則 1 より前に確かめてください。",
            hint=3,
            wrong=lambda a, *rest: EXPLICIT if a else _checked(_in_order(_control, _quality, _fast))(a, *rest),
        ),
        Mistake(
            "知らない言葉が来ても答えています。"
            "quality と budget は、規則を見る前に確かめて ValueError を送出してください。",
            hint=3,
            wrong=_in_order(_likelihood, _control, _quality, _fast),
        ),
    ),
)  # fmt: skip


# 8-2 pareto_front


def _front(beats):
    """The rows that no other row beats; ``beats(others, row)`` looks at all other rows at once."""

    def front(costs):
        others = [np.delete(costs, i, axis=0) for i in range(len(costs))]
        return np.array([not beats(o, row).any() for o, row in zip(others, costs, strict=True)], dtype=bool)

    return front


def _beats(a, b) -> bool:
    return bool((a <= b).all() and (a < b).any())


PARETO = Exercise(
    number="8-2",
    title="パレートフロント",
    function="pareto_front",
    points=2,
    expects=Mask(),
    cases=(
        case(
            np.array([[1.0, 5.0], [2.0, 3.0], [3.0, 4.0], [4.0, 1.0], [5.0, 2.0]]),
            gives=np.array([True, True, False, True, False]),
        ),
        case(
            np.array([[2.0, 2.0, 2.0], [1.0, 3.0, 2.0], [3.0, 3.0, 3.0], [2.0, 2.0, 1.0], [9.0, 0.5, 9.0]]),
            gives=np.array([False, True, False, True, True]),
        ),
        case(np.array([[3.0, 1.0], [3.0, 2.0], [1.0, 4.0], [2.0, 4.0]]), gives=np.array([True, False, True, False])),
        case(np.array([[6.0, 4.0], [2.0, 3.0], [5.0, 9.0]]), gives=np.array([False, True, False])),
        case(
            np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0], [2.0, 2.0]]),
            gives=np.array([True, True, True, False]),
            edge="同じ行がある",
        ),
        case(np.array([[7.0, -3.0]]), gives=np.array([True]), edge="1 行だけ"),
        case(np.zeros((0, 2)), gives=np.zeros(0, dtype=bool), edge="行がない"),
    ),
    mistakes=(
        Mistake(
            "向きが逆です。小さいほどよい費用なので、どこも小さい相手に負けます。",
            hint=1,
            wrong=_front(lambda o, row: (o >= row).all(axis=1) & (o > row).any(axis=1)),
        ),
        Mistake(
            "すべての列で小さい相手だけを見ています。どこかが同じでも、ほかが小さければ負けです。",
            hint=2,
            wrong=_front(lambda o, row: (o < row).all(axis=1)),
        ),
        Mistake(
            "1 列でも小さい相手がいれば負けにしています。どの列も負けていないことも要ります。",
            hint=2,
            wrong=_front(lambda o, row: (o < row).any(axis=1)),
        ),
        Mistake(
            "自分自身に負けています。「どこかで小さい」という条件を足すと、自分には負けません。",
            hint=2,
            wrong=lambda costs: np.zeros(len(costs), dtype=bool),
        ),
        Mistake(
            "True と False が逆です。負けた行ではなく、残る行を True にします。",
            hint=3,
            wrong=lambda costs: ~_front(lambda o, row: (o <= row).all(axis=1) & (o < row).any(axis=1))(costs),
        ),
        Mistake(
            "費用の和がいちばん小さい行だけを残しています。どの列を大事にするかは、まだ決めません。",
            hint=1,
            wrong=lambda costs: costs.sum(axis=1) == costs.sum(axis=1).min(),
        ),
        Mistake(
            "どれか 1 列で最小の行だけを残しています。どの列でも 2 位という、釣り合いのとれた行も残ります。",
            hint=1,
            wrong=lambda costs: (costs == costs.min(axis=0)).any(axis=1) if len(costs) else np.zeros(0, dtype=bool),
        ),
        Mistake(
            "行の番号を返しています。n 行なら長さ n の True / False の配列にしてください。",
            hint=3,
            sign=lambda args, r: np.ndim(r) == 1 and len(r) < len(args[0]) and np.asarray(r).dtype.kind == "i",
        ),
        Mistake(
            "行の番号を返しています。n 行なら長さ n の True / False の配列にしてください。",
            hint=3,
            sign=lambda args, r: np.shape(r) == (1, 3),
        ),
        Mistake(
            "残った行そのものを返しています。n 行なら長さ n の True / False の配列にしてください。",
            hint=3,
            sign=lambda args, r: np.ndim(r) == 2 and np.shape(r)[1] == args[0].shape[1],
        ),
        Mistake(
            "1 列目がいちばん小さい行だけを残しています。ほかの列で勝っている行も残ります。",
            hint=1,
            wrong=lambda costs: costs[:, 0] == costs[:, 0].min(initial=np.inf),
        ),
        Mistake(
            "誰かに勝っている行を残しています。勝っていなくても、誰にも支配されなければ残ります。",
            hint=1,
            wrong=lambda costs: np.array([any(_beats(b, a) for a in costs) for b in costs], dtype=bool),
        ),
        Mistake(
            "すぐ前までの行としか比べていません。あとの行に支配されることもあります。",
            hint=1,
            wrong=lambda costs: np.array(
                [not any(_beats(a, b) for a in costs[:i]) for i, b in enumerate(costs)], dtype=bool
            ),
        ),
        Mistake(
            "あとの行としか比べていません。前の行に支配されることもあります。",
            hint=1,
            wrong=lambda costs: np.array(
                [not any(_beats(a, b) for a in costs[i:]) for i, b in enumerate(costs)], dtype=bool
            ),
        ),
        Mistake(
            "同じ行どうしが負かし合っています。同じ費用なら、どちらも残します。",
            hint=2,
            wrong=_front(lambda o, row: (o <= row).all(axis=1)),
        ),
    ),
)


# 8-3 weighted_scores


def _unit(table):
    low, high = np.nanmin(table, axis=0), np.nanmax(table, axis=0)
    return (table - low) / np.where(high > low, high - low, 1)


def _over_known(unit, weights):
    known = ~np.isnan(unit)
    return np.where(known, unit, 0) @ weights / (known @ weights)


def _scores(table, weights):
    return _over_known(_unit(table), weights)


def _z_scores(table, weights):
    return _over_known((table - np.nanmean(table, axis=0)) / np.nanstd(table, axis=0), weights)


_TABLE = np.array([[0.0, 10.0], [4.0, np.nan], [1.0, 30.0], [2.0, 20.0]])

WEIGHTED = Exercise(
    number="8-3",
    title="重みつきの総合点",
    function="weighted_scores",
    points=2,
    expects=Array(),
    cases=(
        case(_TABLE, np.array([1.0, 3.0]), gives=np.array([0.0, 1.0, 0.8125, 0.5])),
        case(
            np.array([[-3.0, np.nan, 5.0], [1.0, -2.0, np.nan], [5.0, -6.0, 7.0], [-1.0, -3.0, 9.0]]),
            np.array([2.0, 0.5, 1.0]),
            gives=np.array([0.0, 0.6, 2.5 / 3.5, 1.875 / 3.5]),
        ),
        case(np.array([[1.0, 2.0], [3.0, 2.0]]), np.array([1.0, 1.0]), gives=np.array([0.0, 0.5]), edge="差のない列"),
        case(
            np.array([[1.0, np.nan], [2.0, 7.0], [5.0, 9.0]]),
            np.array([0.0, 1.0]),
            gives=np.array([np.nan, 0.0, 1.0]),
            edge="使える列の重みの和が 0",
        ),
    ),
    mistakes=(
        Mistake(
            "欠けた値を 0 点として数えています。欠けた列は分子からも分母からも外します。",
            hint=2,
            wrong=lambda table, w: np.nan_to_num(_unit(table)) @ w / np.sum(w),
        ),
        Mistake(
            "欠けた値を 0 に置き換えてから、最小と最大を求めています。欠けた値は最小・最大にも入れません。",
            hint=2,
            wrong=lambda table, w: _unit(np.nan_to_num(table)) @ w / np.sum(w),
        ),
        Mistake(
            "NaN が行の合計に残っています。欠けた列だけを外して、残りで平均します。",
            hint=2,
            wrong=lambda table, w: _unit(table) @ w / np.sum(w),
        ),
        Mistake(
            "欠けた値を列の平均で埋めています。ここでは埋めずに、欠けた列を外します。",
            hint=2,
            wrong=lambda table, w: (
                np.where(np.isnan(table), np.nanmean(_unit(table), axis=0), _unit(table)) @ w / np.sum(w)
            ),
        ),
        Mistake(
            "列の目盛りをそろえていません。列ごとに、最小が 0、最大が 1 になるように直してから足します。",
            hint=1,
            wrong=lambda table, w: _over_known(table, w),
        ),
        Mistake(
            "表全体の最小と最大でそろえています。最小と最大は列ごとに求めます（axis=0）。",
            hint=1,
            wrong=lambda table, w: _over_known((table - np.nanmin(table)) / (np.nanmax(table) - np.nanmin(table)), w),
        ),
        Mistake(
            "最大値で割っただけです。最小が 0、最大が 1 になるように、(値 − 最小) ÷ (最大 − 最小) とします。",
            hint=1,
            wrong=lambda table, w: _over_known(table / np.nanmax(table, axis=0), w),
        ),
        Mistake(
            "平均と標準偏差でそろえています。ここでは最小と最大を使います。",
            hint=1,
            wrong=_z_scores,
        ),
        Mistake(
            "行ごとの最小と最大でそろえています。最小と最大は列ごとに求めます（axis=0）。",
            hint=1,
            wrong=lambda table, w: _over_known(_unit(table.T).T, w),
        ),
        Mistake(
            "向きが逆です。大きいほどよい値なので、最大が 1、最小が 0 になるようにします。",
            hint=1,
            wrong=lambda table, w: _over_known(1 - _unit(table), w),
        ),
        Mistake(
            "かっこがありません。割り算が先に計算されるので、(値 − 最小) をかっこに入れて割ります。",
            hint=1,
            wrong=lambda table, w: _over_known(
                table - np.nanmin(table, axis=0) / (np.nanmax(table, axis=0) - np.nanmin(table, axis=0)), w
            ),
        ),
        Mistake(
            "最小値を引いただけです。さらに幅（最大 − 最小）で割ってください。",
            hint=1,
            wrong=lambda table, w: _over_known(table - np.nanmin(table, axis=0), w),
        ),
        Mistake(
            "欠けた値のある列が、まるごと NaN になっています。"
            "min や max ではなく、欠けを飛ばす nanmin と nanmax を使います。",
            hint=1,
            wrong=lambda table, w: _over_known((table - table.min(axis=0)) / np.ptp(table, axis=0), w),
        ),
        Mistake(
            "列の数で割っています。重みつき平均なので、使えた列の重みの和で割ります。",
            hint=3,
            wrong=lambda table, w: np.nanmean(_unit(table) * w, axis=1),
        ),
        Mistake(
            "列の数で割っています。重みつき平均なので、使えた列の重みの和で割ります。",
            hint=3,
            wrong=lambda table, w: np.nansum(_unit(table) * w, axis=1) / len(w),
        ),
        Mistake(
            "重みが使われていません。列ごとの点に重みを掛けてから平均します。",
            hint=3,
            wrong=lambda table, w: np.nanmean(_unit(table), axis=1),
        ),
        Mistake(
            "重みの和で割っていません。使えた列の重みの和で割ると、欠けた列のある行も同じ目盛りになります。",
            hint=3,
            wrong=lambda table, w: np.nansum(_unit(table) * w, axis=1),
        ),
        Mistake(
            "値の差のない列で 0 ÷ 0 になっています。最大と最小が等しい列は、全員 0 点です。",
            hint=3,
            wrong=lambda table, w: _over_known(
                (table - np.nanmin(table, axis=0)) / (np.nanmax(table, axis=0) - np.nanmin(table, axis=0)), w
            ),
        ),
        Mistake(
            "列ごとの値（重みや最小・最大）が行の向きに並んでいます。[:, None] を付けず、形 (m,) のまま計算します。",
            hint=3,
            error=r"shapes \(4,2\) \(2,1\)",  # those of the first case
        ),
        Mistake(
            "使える列の重みの和が 0 の行に、数が入っています。平均が決まらないので、NaN のままにしてください。",
            hint=3,
            sign=lambda args, r: np.isfinite(np.asarray(r)[np.isnan(_scores(*args))]).any(),
        ),
        Mistake(
            "数を 1 つしか返していません。行ごとに 1 つ、形 (n,) で返してください。",
            hint=3,
            sign=lambda args, r: np.ndim(r) == 0 and np.isfinite(r),
        ),
    ),
)


# 8-4 bootstrap_interval


def _matches(args, result, lower_tail, upper_tail, values=None):
    values, n_boot = args[0] if values is None else values, args[2]
    return all(
        low - 1e-9 <= end <= high + 1e-9
        for end, (low, high) in zip(
            result, (bootstrap_bounds(values, n_boot, tail) for tail in (lower_tail, upper_tail)), strict=True
        )
    )


def _raw_quantiles(args, result):
    """Whether the ends are values, about as far out as the tails of the values themselves."""
    lower, upper = (1 - args[1]) / 2, (1 + args[1]) / 2
    low, high = np.quantile(args[0], [lower + 0.1, upper - 0.1])
    exact = np.allclose(result, np.quantile(args[0], [lower, upper]))
    return exact or (np.isin(result, args[0]).all() and result[0] <= low and high <= result[1])


def _normal_interval(args, result):
    """Whether the interval is the mean plus or minus z standard errors, z from the level or always 1.96."""
    values, level = args[:2]
    spread = np.outer([1.96, NormalDist().inv_cdf((1 + level) / 2)], [np.std(values), np.std(values, ddof=1)])
    half = spread / len(values) ** 0.5
    centred = np.shape(result) == (2,) and np.isclose(np.mean(result), np.mean(values), atol=half.min() / 20)
    return centred and np.isclose(np.ptp(result) / 2, half, rtol=0.03).any()


BOOTSTRAP = Exercise(
    number="8-4",
    title="ブートストラップの信頼区間",
    function="bootstrap_interval",
    points=2,
    expects=BootstrapInterval(),
    random=True,
    cases=(
        case(np.array([31, -42, 13, 54, -25, 96, 7, 68, -19, 40]), 0.95, 8_000, Seed(1)),
        case(np.array([0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 60]), 0.8, 8_000, Seed(2)),
        case(np.array([5, -1, 8, 3, 12, 20]), 0.5, 5_000, Seed(3)),
        case(np.array([4, 4, 4]), 0.9, 50, Seed(4), edge="値がすべて同じ"),
        case(np.array([-7]), 0.95, 50, Seed(5), edge="値が 1 つ"),
    ),
    mistakes=(
        Mistake(
            "上端と下端の順が逆です。（下端, 上端）の順に返してください。",
            hint=3,
            sign=lambda args, r: _matches(args, r[::-1], (1 - args[1]) / 2, (1 + args[1]) / 2),
        ),
        Mistake(
            "引き直しても平均が変わっていません。重複を許して引いていますか？"
            "（replace=False や並べ替えでは、いつも同じ平均です）",
            hint=2,
            sign=lambda args, r: np.shape(r) == (2,) and np.allclose(r, np.mean(args[0])),
        ),
        Mistake(
            "両側から 1 − level ずつ切り落としています。切り落とすのは、片側 (1 − level) / 2 ずつです。",
            hint=3,
            sign=lambda args, r: _matches(args, r, 1 - args[1], args[1]),
        ),
        Mistake(
            "片側だけを切り落としています。両側から (1 − level) / 2 ずつ切り落とします。",
            hint=3,
            sign=lambda args, r: _matches(args, r, 0, args[1]) or _matches(args, r, 1 - args[1], 1),
        ),
        Mistake(
            "np.percentile に 0.025 のような割合を渡していませんか？"
            "percentile は百分率、quantile は割合を受け取ります。",
            hint=3,
            sign=lambda args, r: _matches(args, r, (1 - args[1]) / 200, (1 + args[1]) / 200),
        ),
        Mistake(
            "値そのものの分位点になっています。引き直した組ごとに平均を取り、その平均の分位点を求めます。",
            hint=1,
            sign=_raw_quantiles,
        ),
        Mistake(
            "level が使われず、いつも 95 % の区間になっています。両側から (1 − level) / 2 ずつ切り落とします。",
            hint=3,
            sign=lambda args, r: args[1] != 0.95 and _matches(args, r, 0.025, 0.975),
        ),
        Mistake(
            "値の和の区間になっています。引き直した組ごとに、和ではなく平均を取ります。",
            hint=1,
            sign=lambda args, r: _matches(args, np.divide(r, len(args[0])), (1 - args[1]) / 2, (1 + args[1]) / 2),
        ),
        Mistake(
            "正規分布で近似した区間（平均 ± 1.96 × 標準誤差）になっています。引き直した平均の分位点を求めてください。",
            hint=1,
            sign=_normal_interval,
        ),
        Mistake(
            "引き直した回の向きに平均しています。n 個の値の平均を、1 回ごとに（axis=1）取ってください。",
            hint=2,
            sign=lambda args, r: (
                np.ptp(r) > 0 and np.abs(r - np.mean(args[0])).max() < 5 * np.std(args[0]) / args[2] ** 0.5
            ),
        ),
    ),
)

EXERCISES = (CHOOSE, PARETO, WEIGHTED, BOOTSTRAP)
