# 区县老年助餐服务管理系统。直接执行 make 可查看全部命令。
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
LOCKED := $(PIP) install --require-hashes --requirement
HOST ?= 127.0.0.1
PORT ?= 8000
export PYTHONUTF8 := 1

# Installs one Debian package, or says in a sentence who has to do it.
APT := sh -c 'if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as="sudo -n"; \
	else echo "缺少系统软件包 $$1：请以管理员身份执行 apt-get install $$1，然后重试。" >&2; exit 1; fi; \
	echo "正在安装系统软件包 $$1 ……" >&2; $$as apt-get update -qq >&2 && \
	$$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$1" >/dev/null' apt

.DEFAULT_GOAL := help
.PHONY: help install run test check format bench lock clean chromium
.DELETE_ON_ERROR:

help: ## 显示这份说明
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: install ## 安装、建库、载入演示区县，并在 http://127.0.0.1:8000 提供服务
	@$(BIN)/mealsvc init >&2
	@$(BIN)/mealsvc demo --if-empty
	@exec $(BIN)/mealsvc serve --host $(HOST) --port $(PORT)

install: $(VENV)/.assets ## 只安装运行所需（.venv、网页资源、字体）

test: $(VENV)/.dev $(VENV)/.assets chromium ## 在 SQLite 和 PostgreSQL 上运行全部测试（可加 T=tests/rules）
	@$(BIN)/python -m tests.support.suite $(T)

check: $(VENV)/.dev ## 检查格式、写法、类型、分层和模板
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --lint --quiet templates

format: $(VENV)/.dev ## 整理代码格式
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev $(VENV)/.assets ## 测量速度比值，与规定上限对照
	@$(BIN)/python -m tests.bench $(B)

# Both files are compiled together, so that the second only adds to the first.
lock: $(BIN)/python ## 重新锁定依赖版本和校验值
	@$(PIP) install uv
	$(BIN)/uv pip compile -q $(UPGRADE) --generate-hashes --no-header --universal \
		--python-version 3.11 pyproject.toml --group assets -o requirements.txt
	$(BIN)/uv pip compile -q $(UPGRADE) --generate-hashes --no-header --universal \
		--python-version 3.11 pyproject.toml --group assets --group dev \
		-c requirements.txt -o requirements-dev.txt

clean: ## 删除安装结果和缓存（保留 instance 里的数据）
	rm -rf $(VENV) build *.egg-info mealsvc/static/vendor node_modules
	rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the commands above stand on; each file is a stamp, so nothing is installed twice ---

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "需要 Python 3.11 或更新版本：请先安装，或用 make PYTHON=/路径/python3 指定。" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(APT) python3-venv
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.locked: requirements.txt | $(BIN)/python
	@echo "正在安装依赖 ……" >&2
	@$(LOCKED) requirements.txt
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

ASSETS := package.json package-lock.json mealsvc/plumbing/assets.py mealsvc/plumbing/asset_fonts.py
$(VENV)/.assets: $(VENV)/.installed $(ASSETS)
	@$(BIN)/python -m mealsvc.plumbing.assets
	@touch $@

$(VENV)/.dev: $(VENV)/.installed requirements-dev.txt
	@echo "正在安装测试依赖 ……" >&2
	@$(LOCKED) requirements-dev.txt
	@touch $@

chromium: $(BIN)/python
	@$(BIN)/python -m tests.support.chromium >/dev/null || $(APT) chromium
