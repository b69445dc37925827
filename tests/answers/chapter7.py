"""Answers to the exercises of chapter 7."""

import math
from itertools import combinations, product

import numpy as np

from . import right, wrong

# 7-1 bits_per_dimension


@right("7-1")
def base_two(log_probs, d):
    if not log_probs.size:
        raise ValueError("empty")
    return (-(log_probs / np.log(2)) / d).mean()


@right("7-1")
def loop_over_images(log_probs, d):
    total, count = 0.0, 0
    for value in log_probs:
        total -= value
        count += 1
    if count == 0:
        raise ValueError("画像がありません")
    return total / count * math.log2(math.e) / d


@right("7-1")
def as_an_array(log_probs, d):
    values = log_probs.tolist()
    if values == []:
        raise ValueError
    return np.array(-math.fsum(values) / (len(values) * d * math.log(2)))


@wrong("7-1", says="符号が逆")
def sign_kept(log_probs, d):
    return log_probs.mean() / d / np.log(2)


@wrong("7-1", says="ナットのまま")
def nats(log_probs, d):
    return -log_probs.mean() / d


@wrong("7-1", says="画素の数 d で割って")
def bits_per_image(log_probs, d):
    return -log_probs.mean() / np.log(2)


@wrong("7-1", says="1 枚あたりの NLL のまま")
def mean_nll(log_probs, d):
    return -log_probs.mean()


@wrong("7-1", says="log 2 を掛けて")
def times_log_two(log_probs, d):
    return -log_probs.mean() / d * math.log(2)


@wrong("7-1", says="画像について合計")
def total_bits(log_probs, d):
    return -log_probs.sum() / d / np.log(2)


@wrong("7-1", says="平均の対数")
def log_of_the_mean(log_probs, d):
    return -np.log2(np.exp(log_probs).mean()) / d


@wrong("7-1", says="もう一度")
def log_of_the_log(log_probs, d):
    return np.log2(-log_probs).mean() / d


@wrong("7-1", says="確率 0 の画像を除いて", points=1)
def finite_only(log_probs, d):
    if len(log_probs) == 0:
        raise ValueError
    return -log_probs[log_probs > -np.inf].mean() / (d * np.log(2))


@wrong("7-1", says="0 枚の平均", points=1)
def mean_of_nothing(log_probs, d):
    return -log_probs.mean() / (d * np.log(2))


# 7-2 pattern_coverage


@right("7-2")
def compare_rows(real, fake):
    if len(real) == 0:
        raise ValueError("real is empty")
    kinds = np.unique(real, axis=0)
    return np.mean([(fake == kind).all(axis=1).any() for kind in kinds])


@right("7-2")
def strings(real, fake):
    def spell(image):
        return "".join("1" if pixel else "0" for pixel in image)

    seen, made = {spell(image) for image in real}, {spell(image) for image in fake}
    if not seen:
        raise ValueError
    found = 0
    for name in seen:
        if name in made:
            found += 1
    return np.float32(found) / np.float64(len(seen))


@right("7-2")
def bytes_of_one_type(real, fake):
    real, fake = real.astype(bool), fake.astype(bool)
    if real.shape[0] < 1:
        raise ValueError("nothing")
    seen = {row.tobytes() for row in real}
    return 1 - len(seen - {row.tobytes() for row in fake}) / len(seen)


def _kinds(x):
    return {tuple(row) for row in x.tolist()}


@wrong("7-2", says="役割が逆")
def share_of_the_fakes(real, fake):
    return len(_kinds(real) & _kinds(fake)) / len(_kinds(fake))


@wrong("7-2", says="重ねて数えて")
def share_of_the_rows(real, fake):
    made = _kinds(fake)
    return sum(tuple(row) in made for row in real.tolist()) / len(real)


@wrong("7-2", says="本物の枚数で割って")
def divided_by_rows(real, fake):
    return len(_kinds(real) & _kinds(fake)) / len(real)


@wrong("7-2", says="作った回数まで")
def every_fake_counts(real, fake):
    seen = _kinds(real)
    return sum(tuple(row) in seen for row in fake.tolist()) / len(seen)


@wrong("7-2", says="両方を合わせた種類")
def over_the_union(real, fake):
    return len(_kinds(real) & _kinds(fake)) / len(_kinds(real) | _kinds(fake))


@wrong("7-2", says="2^d")
def over_the_space(real, fake):
    return len(_kinds(real) & _kinds(fake)) / 2 ** real.shape[1]


@wrong("7-2", says="行全体を比べません")
def numpy_in(real, fake):
    kinds = np.unique(real, axis=0)
    return sum(kind in fake for kind in kinds) / len(kinds)


@wrong("7-2", says="ユニーク率")
def unique_ratio(real, fake):
    return len(_kinds(fake)) / len(fake)


@wrong("7-2", says="種類の数のまま")
def number_of_kinds(real, fake):
    return len(_kinds(real) & _kinds(fake))


@wrong("7-2", says="配列の型", points=1)
def raw_bytes(real, fake):
    if len(real) == 0:
        raise ValueError
    seen = {row.tobytes() for row in real}
    return len(seen & {row.tobytes() for row in fake}) / len(seen)


@wrong("7-2", says="real が空なのに", points=1)
def nothing_is_zero(real, fake):
    seen = _kinds(real)
    return len(seen & _kinds(fake)) / len(seen) if seen else 0.0


@wrong("7-2", says="そのまま集合に入れています")
def lists_in_a_set(real, fake):
    return len(set(real.tolist()) & set(fake.tolist())) / len(set(real.tolist()))


# 7-3 precision_recall


@right("7-3")
def point_by_point(real, fake, k):
    def reach(points):
        out = []
        for i in range(len(points)):
            others = [math.dist(points[i], points[j]) for j in range(len(points)) if j != i]
            out.append(sorted(others)[k - 1])
        return out

    def share(points, centres):
        radii = reach(centres)
        inside = [p for p in points if any(math.dist(p, c) <= r for c, r in zip(centres, radii, strict=True))]
        return len(inside) / len(points)

    return [share(fake, real), share(real, fake)]


@right("7-3")
def one_distance_matrix(real, fake, k):
    n = len(real)
    points = np.concatenate([real, fake])
    distance = np.linalg.norm(points[:, None] - points[None], axis=-1)
    within_real, within_fake, across = distance[:n, :n], distance[n:, n:], distance[:n, n:]
    r_real = np.partition(within_real, k, axis=1)[:, k]
    r_fake = np.partition(within_fake, k, axis=1)[:, k]
    return np.array([(across <= r_real[:, None]).any(axis=0).mean(), (across <= r_fake).any(axis=1).mean()])


@right("7-3")
def diagonal_at_infinity(real, fake, k):
    def radius2(x):
        d2 = ((x[:, None] - x) ** 2).sum(-1)
        np.fill_diagonal(d2, np.inf)
        d2.sort(axis=1)
        return d2[:, k - 1]

    across = ((fake[:, None] - real) ** 2).sum(-1)
    precision = (across - radius2(real)).min(axis=1) <= 0
    recall = (across.T - radius2(fake)).min(axis=1) <= 0
    return precision.mean(), recall.mean()


def _distance(a, b):
    return np.linalg.norm(a[:, None] - b, axis=2)


def _inside(points, centres, k):
    return _distance(points, centres) <= np.sort(_distance(centres, centres), axis=1)[:, k]


@wrong("7-3", says="逆です")
def roles_swapped(real, fake, k):
    return _inside(real, fake, k).any(axis=1).mean(), _inside(fake, real, k).any(axis=1).mean()


@wrong("7-3", says="自分自身を 1 番目")
def own_neighbour(real, fake, k):
    return _inside(fake, real, k - 1).any(axis=1).mean(), _inside(real, fake, k - 1).any(axis=1).mean()


@wrong("7-3", says="k が 1 つ大きく")
def one_too_far(real, fake, k):
    k = min(k + 1, len(real) - 1, len(fake) - 1)
    return _inside(fake, real, k).any(axis=1).mean(), _inside(real, fake, k).any(axis=1).mean()


@wrong("7-3", says="円周ちょうど")
def open_balls(real, fake, k):
    def share(points, centres):
        return (_distance(points, centres) < np.sort(_distance(centres, centres))[:, k]).any(axis=1).mean()

    return share(fake, real), share(real, fake)


@wrong("7-3", says="円の持ち主が逆")
def balls_of_the_other(real, fake, k):
    # "A fake is good if its own ball holds a real point."
    return _inside(real, fake, k).any(axis=0).mean(), _inside(fake, real, k).any(axis=0).mean()


@wrong("7-3", says="それは coverage です")
def coverage(real, fake, k):
    return _inside(fake, real, k).any(axis=0).mean(), _inside(real, fake, k).any(axis=0).mean()


@wrong("7-3", says="入った円の数")
def density(real, fake, k):
    return _inside(fake, real, k).sum() / len(fake), _inside(real, fake, k).sum() / len(real)


@wrong("7-3", says="all ではなく any")
def in_every_ball(real, fake, k):
    return _inside(fake, real, k).all(axis=1).mean(), _inside(real, fake, k).all(axis=1).mean()


@wrong("7-3", says="入った点の数")
def counts_points(real, fake, k):
    return _inside(fake, real, k).any(axis=1).sum(), _inside(real, fake, k).any(axis=1).sum()


@wrong("7-3", says="相手の組の")
def radius_from_the_other_set(real, fake, k):
    across = _distance(real, fake)
    r_real, r_fake = np.sort(across, axis=1)[:, k - 1], np.sort(across.T, axis=1)[:, k - 1]
    return (across.T <= r_real).any(axis=1).mean(), (across <= r_fake).any(axis=1).mean()


@wrong("7-3", says="precision しか")
def precision_only(real, fake, k):
    return _inside(fake, real, k).any(axis=1).mean()


@wrong("7-3", says="距離 0 の点をすべて自分", points=1)
def copies_are_oneself(real, fake, k):
    def radius(x):
        return np.array([sorted(d for d in row if d > 0)[k - 1] for row in _distance(x, x)])

    return (
        (_distance(fake, real) <= radius(real)).any(axis=1).mean(),
        (_distance(real, fake) <= radius(fake)).any(axis=1).mean(),
    )


# 7-4 mmd2


@right("7-4")
def pair_by_pair(x, y, bandwidth):
    def k(a, b):
        return math.exp(-(math.dist(a, b) ** 2) / (2 * bandwidth**2))

    def mean(values):
        values = list(values)
        return sum(values) / len(values)

    same = [mean(k(a, b) for a, b in combinations(points, 2)) for points in (x, y)]
    return same[0] + same[1] - 2 * mean(k(a, b) for a, b in product(x, y))


@right("7-4")
def one_kernel_matrix(x, y, bandwidth):
    z, n, m = np.concatenate([x, y]), len(x), len(y)
    k = np.exp(-0.5 * np.square(np.linalg.norm(z[:, None] - z, axis=-1) / bandwidth))
    np.fill_diagonal(k, 0)
    weight = np.concatenate([np.full(n, 1.0), np.zeros(m)])
    a, b = weight, 1 - weight
    return a @ k @ a / (n * (n - 1)) + b @ k @ b / (m * (m - 1)) - 2 * (a @ k @ b) / (n * m)


@right("7-4")
def loops_over_indices(x, y, bandwidth):
    total = 0.0
    for points in (x, y):
        for i in range(len(points)):
            for j in range(len(points)):
                if i != j:
                    d2 = np.sum((points[i] - points[j]) ** 2)
                    total += np.exp(-d2 / 2 / bandwidth / bandwidth) / len(points) / (len(points) - 1)
    for a in x:
        for b in y:
            total -= 2 * np.exp(-np.sum((a - b) ** 2) / (2 * bandwidth * bandwidth)) / (len(x) * len(y))
    return np.array(total)


def _kernel(a, b, denominator):
    return np.exp(-((a[:, None] - b) ** 2).sum(axis=2) / denominator)


def _others(k):
    return (k.sum() - np.trace(k)) / (len(k) * (len(k) - 1))


def _mmd2(x, y, denominator):
    return (
        _others(_kernel(x, x, denominator))
        + _others(_kernel(y, y, denominator))
        - 2 * _kernel(x, y, denominator).mean()
    )


@wrong("7-4", says="自分自身との組（対角）まで")
def biased(x, y, bandwidth):
    s = 2 * bandwidth**2
    return _kernel(x, x, s).mean() + _kernel(y, y, s).mean() - 2 * _kernel(x, y, s).mean()


@wrong("7-4", says="引かずに N(N − 1)")
def diagonal_stays_in_the_sum(x, y, bandwidth):
    s, n, m = 2 * bandwidth**2, len(x), len(y)
    same = _kernel(x, x, s).sum() / (n * (n - 1)) + _kernel(y, y, s).sum() / (m * (m - 1))
    return same - 2 * _kernel(x, y, s).mean()


@wrong("7-4", says="N² で割って")
def divided_by_all_pairs(x, y, bandwidth):
    s = 2 * bandwidth**2
    kx, ky = _kernel(x, x, s), _kernel(y, y, s)
    np.fill_diagonal(kx, 0)
    np.fill_diagonal(ky, 0)
    return kx.mean() + ky.mean() - 2 * _kernel(x, y, s).mean()


@wrong("7-4", says="2 を掛けていません")
def without_two(x, y, bandwidth):
    return _mmd2(x, y, 2 * bandwidth**2) + _kernel(x, y, 2 * bandwidth**2).mean()


@wrong("7-4", says="足しています")
def cross_added(x, y, bandwidth):
    return _mmd2(x, y, 2 * bandwidth**2) + 4 * _kernel(x, y, 2 * bandwidth**2).mean()


@wrong("7-4", says="分母が 2σ です")
def bandwidth_not_squared(x, y, bandwidth):
    return _mmd2(x, y, 2 * bandwidth)


@wrong("7-4", says="分母が σ² です")
def without_the_two_below(x, y, bandwidth):
    return _mmd2(x, y, bandwidth**2)


@wrong("7-4", says="σ が使われていません")
def no_bandwidth(x, y, bandwidth):
    return _mmd2(x, y, 1.0)


@wrong("7-4", says="距離を 2 乗して")
def distance_not_squared(x, y, bandwidth):
    def kernel(a, b):
        return np.exp(-np.linalg.norm(a[:, None] - b, axis=2) / (2 * bandwidth**2))

    return _others(kernel(x, x)) + _others(kernel(y, y)) - 2 * kernel(x, y).mean()


@wrong("7-4", says="0 に切り上げて")
def clipped(x, y, bandwidth):
    return max(0.0, _mmd2(x, y, 2 * bandwidth**2))


@wrong("7-4", says="平方根")
def root(x, y, bandwidth):
    return np.sqrt(_mmd2(x, y, 2 * bandwidth**2))


@wrong("7-4", says="同じ番号どうしを除いて")
def cross_without_diagonal(x, y, bandwidth):
    s = 2 * bandwidth**2
    across = [np.exp(-((a - b) ** 2).sum() / s) for i, a in enumerate(x) for j, b in enumerate(y) if i != j]
    return _others(_kernel(x, x, s)) + _others(_kernel(y, y, s)) - 2 * np.mean(across)


# One slip each: what beginners wrote, in the order of the exercises.


def share_inside(points, centres, k):
    return _inside(points, centres, k).any(axis=1).mean()


def gaussian(a, b, bandwidth):
    return _kernel(a, b, 2 * bandwidth**2)


def with_kernel(x, y, bandwidth, kernel=gaussian):
    within = _others(kernel(x, x, bandwidth)) + _others(kernel(y, y, bandwidth))
    return within - 2 * kernel(x, y, bandwidth).mean()


def over_triangle(x, y, bandwidth, share):
    def within(a):
        return np.triu(gaussian(a, a, bandwidth), 1).sum() / (len(a) * (len(a) - 1) * share)

    return within(x) + within(y) - 2 * gaussian(x, y, bandwidth).mean()


@wrong("7-1", says="画素の数 d を掛けています")
def times_pixels(log_probs, d):
    return -np.mean(log_probs) * d / np.log(2)


@wrong("7-1", says="底が 10 の対数で割っています")
def over_common_log(log_probs, d):
    return -np.mean(log_probs) / d / np.log10(2)


@wrong("7-1", says="ビットではなく、10 を底にした単位になっています")
def in_digits(log_probs, d):
    return -np.mean(log_probs) / d / np.log(10)


@wrong("7-1", says="画像ごとの値のままです")
def image_by_image(log_probs, d):
    return -log_probs / d / np.log(2)


@wrong("7-1", says="0 で割っています", points=1)
def divides_by_no_images(log_probs, d):
    return -sum(log_probs.tolist()) / len(log_probs) / d / np.log(2)


@wrong("7-1", says="画像が 1 枚もないのに値を返しています（None ", points=1)
def none_for_no_images(log_probs, d):
    return -np.mean(log_probs) / d / np.log(2) if len(log_probs) else None


@wrong("7-1", says="整数の割り算（//）で小数が切り捨てられています")
def whole_division(log_probs, d):
    return -np.mean(log_probs) // (d * np.log(2))


@wrong("7-2", says="0 種類で割っています", points=1)
def divides_by_no_kinds(real, fake):
    return len(_kinds(real) & _kinds(fake)) / len(_kinds(real))


@wrong("7-2", says="作れなかった種類の割合になっています")
def share_missed(real, fake):
    return len(_kinds(real) - _kinds(fake)) / len(_kinds(real))


@wrong("7-2", says="fake が空のときに断っています", points=1)
def refuses_no_fakes(real, fake):
    return (
        len(_kinds(real) & _kinds(fake)) / len(_kinds(real))
        if len(fake) and len(real)
        else (_ for _ in ()).throw(ValueError())
    )


@wrong("7-2", says="役割が逆です")
def share_of_fakes(real, fake):
    return sum(t in _kinds(real) for t in map(tuple, fake.tolist())) / len(fake)


@wrong("7-2", says="整数の割り算（//）で小数が切り捨てられています")
def whole_division_of_kinds(real, fake):
    return len(_kinds(real) & _kinds(fake)) // len(_kinds(real))


@wrong("7-2", says="生成した絵の枚数で割っています")
def over_fakes(real, fake):
    return len(_kinds(real) & _kinds(fake)) / len(fake)


@wrong("7-3", says="precision と recall に、同じ値が入")
def precision_twice(real, fake, k):
    return (share_inside(fake, real, k), share_inside(fake, real, k))


@wrong("7-3", says="recall しか返していません")
def recall_only(real, fake, k):
    return share_inside(real, fake, k)


@wrong("7-3", says="k が使われず、いちばん近い点までの距離が半径になっ")
def always_the_nearest(real, fake, k):
    return (share_inside(fake, real, 1), share_inside(real, fake, 1))


@wrong("7-3", says="どの円にも同じ半径を使っています")
def one_radius_for_all(real, fake, k):
    return (
        (_distance(fake, real) <= np.sort(_distance(real, real), axis=1)[:, k].mean()).any(axis=1).mean(),
        (_distance(real, fake) <= np.sort(_distance(fake, fake), axis=1)[:, k].mean()).any(axis=1).mean(),
    )


@wrong("7-3", says="点ごとの True / False のままです")
def hits_themselves(real, fake, k):
    return (
        (_distance(fake, real) <= np.sort(_distance(real, real), axis=1)[:, k]).any(axis=1),
        (_distance(real, fake) <= np.sort(_distance(fake, fake), axis=1)[:, k]).any(axis=1),
    )


@wrong("7-3", says="半径が、点ごとの k 番目の距離ではありません")
def row_for_column(real, fake, k):
    return (
        (_distance(fake, real) <= np.sort(_distance(real, real), axis=1)[k]).any(axis=1).mean(),
        (_distance(real, fake) <= np.sort(_distance(fake, fake), axis=1)[k]).any(axis=1).mean(),
    )


@wrong("7-4", says="かっこがありません")
def no_brackets_round_the_bandwidth(x, y, bandwidth):
    return with_kernel(x, y, bandwidth, lambda a, b, s: np.exp(-((a[:, None] - b) ** 2).sum(axis=2) / 2 * bandwidth**2))


@wrong("7-4", says="指数の中で割るのではなく、exp の外で割っています")
def divided_outside(x, y, bandwidth):
    return with_kernel(
        x, y, bandwidth, lambda a, b, s: np.exp(-((a[:, None] - b) ** 2).sum(axis=2)) / (2 * bandwidth**2)
    )


@wrong("7-4", says="カーネルの指数にマイナスがありません")
def no_minus_in_the_exponent(x, y, bandwidth):
    return with_kernel(x, y, bandwidth, lambda a, b, s: 1 / gaussian(a, b, bandwidth))


@wrong("7-4", says="i < i′ の組しか足していないのに、N(N − ")
def triangle_over_all_pairs(x, y, bandwidth):
    return over_triangle(x, y, bandwidth, 1)


@wrong("7-4", says="同じ組の平均を N(N − 1) / 2 で割ってい")
def all_pairs_over_triangle(x, y, bandwidth):
    return (lambda w: w(x) + w(y) - 2 * gaussian(x, y, bandwidth).mean())(
        lambda a: (gaussian(a, a, bandwidth).sum() - len(a)) / (len(a) * (len(a) - 1) / 2)
    )


@wrong("7-4", says="平均ではなく和のままです")
def sums(x, y, bandwidth):
    return gaussian(x, x, bandwidth).sum() + gaussian(y, y, bandwidth).sum() - 2 * gaussian(x, y, bandwidth).sum()


@wrong("7-4", says="y どうしの組の平均がありません")
def only_x(x, y, bandwidth):
    return (gaussian(x, x, bandwidth).sum() - len(x)) / (len(x) * (len(x) - 1)) - 2 * gaussian(x, y, bandwidth).mean()


@wrong("7-4", says="絶対値を取っています")
def absolute_value(x, y, bandwidth):
    return abs(with_kernel(x, y, bandwidth))


@wrong("7-4", says="カーネルの行列のままです")
def kernel_matrix(x, y, bandwidth):
    return gaussian(x, y, bandwidth)
