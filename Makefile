# make lab   … 環境を作り、JupyterLab で第 1 章を開く
# make test  … すべてのテスト
# 環境は .venv に作る。2 回目からはすぐに始まる。

PYTHON ?= python3
# Empty: the first free port from 8888. A number: that port or an error.
PORT ?=
# Options for JupyterLab, e.g. LAB_OPTIONS=--no-browser
LAB_OPTIONS ?=
# What the environment is made from; the weekly run uses the newest versions: make test PINS=no
PINS ?= yes

BIN := .venv/bin
# An address, not a file to open: with a file, its folder would be all that a learner sees of the course.
FIRST := /lab/tree/notebooks/01_distribution/01_distribution.ipynb
# One thread: NumPy's own threads cost several times the wall time on matrices of this size.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export PYTHONUTF8 := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PINS

.PHONY: help lab teach build test bench scoreboard measure pins clean environment tests-environment
help:
	@sed -n 's/^# make/make/p' Makefile

# make teach … 教員用: formgrader などのパネルを出して JupyterLab を開く
lab teach: environment
	@[ -z "$(PORT)" ] || $(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null \
	  || { echo "ポート $(PORT) は使えません。別の番号で: make $@ PORT=8899" >&2; exit 1; }
	@$(if $(filter teach,$@),JUPYTER_CONFIG_PATH="$(CURDIR)/course_utils/jupyter/teach") \
	  $(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(if $(PORT),--port=$(PORT) --ServerApp.port_retries=0) --LabApp.default_url=$(FIRST) $(LAB_OPTIONS)

# make build … solutions/ から notebooks/ を作り直す
build: environment
	@$(BIN)/course build

test: tests-environment
	@.ci/tests

# make bench … 速さの測定（比で読む）
bench: tests-environment
	@for script in $(filter-out benchmarks/scoreboard.py,$(wildcard benchmarks/*.py)); do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

# make scoreboard … 第 8 章の表を測り直す（全部の族・3 つのデータ・5 つの種、2 コアで約 10 分）
scoreboard: tests-environment
	@$(BIN)/python benchmarks/scoreboard.py

# make measure … 採点のしかたを測り、tests/answers/README.md の表を書き直す
measure: tests-environment
	@cd tests && ../$(BIN)/python measure.py

# make pins … 最新の版で環境を作り直し、binder/ と tests/ の requirements.txt に書き出す（いちばん古い Python 3.11 で）
pins:
	@rm -rf .venv && $(MAKE) tests-environment PINS=no && $(BIN)/python .ci/pins.py

# make clean … 環境と作業ファイルを消す（答案・成績・解答は消さない）
clean:
	@rm -rf .venv build .pytest_cache .ruff_cache .hypothesis

environment:
	@.ci/environment "$(PYTHON)" "$(PINS)"
tests-environment:
	@.ci/environment "$(PYTHON)" "$(PINS)" tests
