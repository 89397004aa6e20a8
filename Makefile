# Ridley: build, test and try. Every target installs what it needs first; what is there is left alone.

RIDLEY = .build/release/ridley

.PHONY: ffmpeg stage wheel check-wheel check-ffmpeg image check-image check-deploy check-shared install uninstall package check-package build test \
  test-slim check fuzz bench bench-serve bench-rpc bench-engines bench-live bench-edge soak-live bench-units soak-delivery soak-edge soak-recordings bench-jobs \
  bench-jobs-walls soak-jobs soak-shared soak-serve soak-store soak-bus soak-objects soak-library soak-registry soak-update soak-rollout soak-search soak-deploy soak-uploads \
  bench-library bench-bus bench-shared bench-estimate bench-place bench-function demo help-texts page-files plan clean check-engines check-function check-observe

build:
	@./bootstrap
	swift build -c release --product ridley

demo: build
	demo/run $(RIDLEY)

# All that CI runs.
test:
	@./bootstrap
	swift format lint --strict --parallel --recursive Package.swift Sources Tests
	swift build --build-tests
	Tests/run

# What takes too long for every change: data races, and memory errors in the rooms that speak to C.
# The engine's own threads bring a library that must be told of sanitizers; its rpath does not fit a scratch folder.
SANITIZED = LD_LIBRARY_PATH=$(CURDIR)/.deps/openvino/libs TBB_ENABLE_SANITIZERS=1 \
  TSAN_OPTIONS=allocator_may_return_null=1 ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
check: test
	swift build -c release --product ridley
	bench/verified $(RIDLEY) Tests/Fixtures/networks
	$(SANITIZED) swift test --sanitize=thread --scratch-path .build/tsan \
	  --filter 'BaseTests|AccessTests|BatchingTests|InferenceTests|AnalysisTests|ModelProcessTests|ServingTests|WebTests'
	$(SANITIZED) swift test --sanitize=address --scratch-path .build/asan \
	  --filter 'MediaTests|InferenceTests|ModelHubTests|JSONTests|FormsTests|WebTests'

# Coverage-guided fuzzing of every target: where strangers' bytes come in, SECONDS for each; finds end in build/fuzz.
SECONDS = 600
# The compiler heeds the last -sanitize alone, so both are said in one.
fuzz:
	@./bootstrap
	RIDLEY_FUZZ=1 swift build -c release --sanitize=address --sanitize=fuzzer -Xswiftc -sanitize=address,fuzzer \
	  --product fuzz-engine --scratch-path .build/fuzz
	fuzz/run $(SECONDS)

# Ridley beside what this machine could do at best and beside other ways: BENCH=--quick to try, '--runs 9 --long' for more.
bench: build
	bench/run $(RIDLEY) $(BENCH)

# The server beside the bare engine and other servers under the same load: BENCH=--quick to try, '--precision bf16', '--only ridley'.
bench-serve: build
	bench/serve $(RIDLEY) $(BENCH)

# The server's gRPC beside its HTTP, and beside Triton's gRPC: BENCH=--quick to try, '--only-ridley'.
bench-rpc: build
	bench/rpc $(RIDLEY) $(BENCH)

# What the server promises under load, each promise with what was found: BENCH=--quick to try, '--only reloads'.
soak-serve: build
	bench/serve-checks $(RIDLEY) $(BENCH)

# The store beside its oracle: a million random operations instead of the 10,000 of the tests, and 50 kills instead of 4; on DynamoDB's emulator,
# where it is installed (make check-engines, or RIDLEY_MINISTACK), a fiftieth of them.
soak-store:
	@./bootstrap
	RIDLEY_STORE_OPERATIONS=1000000 RIDLEY_STORE_KILLS=50 swift test --filter 'StoreTests.(TableSuite|KillTests|PostgreSQLKillTests)'

# The bus: a million random operations an engine, 50 kills of three workers, of Redis and of PostgreSQL, and what calls cost beside a million
# tasks. RIDLEY_BUS_ENGINE=postgresql for the operations of one.
soak-bus:
	@./bootstrap
	RIDLEY_BUS_OPERATIONS=1000000 RIDLEY_BUS_KILLS=50 RIDLEY_BUS_SIZE=1000000 swift test --filter 'BusTests'

# Objects in an S3 service: 50 kills of it and of those who put instead of 2.
soak-objects:
	@./bootstrap
	RIDLEY_S3_KILLS=50 swift test --filter 'ObjectsTests.S3KillTests'

# The library: 100,000 operations and 50 kills instead of 1,000 and 3, and 1,000 predictions traced instead of 10. On memory, which kill -9 leaves
# as it leaves a disk, where there is one.
SOAK_FOLDER = $(firstword $(wildcard /dev/shm) /tmp)
soak-library: build
	test -f build/demo/line.mp4 || demo/run $(RIDLEY)
	swift build -c release --product library-worker
	TMPDIR=$(SOAK_FOLDER) RIDLEY_LIBRARY_WORKER=$(CURDIR)/.build/release/library-worker RIDLEY_LIBRARY_KILLS=50 \
	  RIDLEY_LIBRARY_OPERATIONS=100000 RIDLEY_LIBRARY_TRACES=1000 \
	  swift test --filter 'LibraryTests.KillTests|CommandTests.TraceTests'

# Aliases of models: 10,000 random moves, instead of 300.
soak-registry:
	@./bootstrap
	RIDLEY_ALIAS_MOVES=10000 swift test --filter 'RegistryTests.(AliasTests|AnsweredTests)'

# A node's program is updated while the node is killed 50 times.
soak-update:
	@./bootstrap
	RIDLEY_UPDATE_KILLS=50 swift test --filter 'CommandTests.ProgramUpdateTests'

# Roll-outs of good and bad versions, 200 of them, while requests and streams ask, with 20 kills of the server: BENCH='--rounds 14' to try.
soak-rollout: build
	bench/soak-rollout $(RIDLEY) $(BENCH)

# Moments: 50 kills of those who write and those who read, instead of 2, and 100 searches that are alerts and links, instead of 25.
soak-search:
	@./bootstrap
	RIDLEY_SEARCH_KILLS=50 RIDLEY_SEARCHES=100 swift test --filter 'SearchTests.(MomentKillTests|AlertTests)'

# Blueprints: 200 random edits of one and of what three servers have, 50 kills of an apply, and 2,000 rounds in memory.
soak-deploy:
	@./bootstrap
	RIDLEY_DEPLOY_EDITS=200 RIDLEY_DEPLOY_KILLS=50 RIDLEY_DEPLOY_ROUNDS=2000 swift test \
	  --filter 'CommandTests.DeployCommandTests|DeployTests.RandomTests'

# Jobs whose workers and whose server are killed, 50 times each: BENCH='--kills 5' to try.
soak-jobs: build
	bench/soak-jobs $(RIDLEY) $(BENCH)

# A library that many hosts share, while PostgreSQL, Redis, the S3 server, the server and workers are killed and hosts are cut off, 50 times
# each: BENCH='--kills 5' to try. As root each host is a network of its own.
soak-shared: build
	bench/soak-shared $(RIDLEY) $(BENCH)

# A stopped worker, a restore and the disk, each seen once: what is promised of a library that is shared.
check-shared: build
	bench/check-shared $(RIDLEY) $(BENCH)

# Units on other hosts: what the hop costs, what a second one brings, and units that are killed, cut off and stopped: BENCH='--parts faults'.
bench-units: build
	bench/units $(RIDLEY) $(BENCH)

# What a job costs in a library that is shared beside one in a folder, and what a second host brings: BENCH='--runs 9'.
bench-shared: build
	bench/shared $(RIDLEY) $(BENCH)

# A film of 5 GB over tus, with ten broken connections and a kill -9 of the server: BENCH='--gigabytes 1' to try.
soak-uploads: build
	bench/soak-uploads $(RIDLEY) $(BENCH)

# Each access to a library as it grows, in pages and time, beside SQL by hand: LIBRARY='--assets 10000 --assets 4000000'.
bench-library:
	@./bootstrap
	bench/library $(LIBRARY)

# What calls of a bus take, in SQLite, in Redis and in PostgreSQL: BENCH='--tasks 1000000'.
bench-bus:
	@./bootstrap
	bench/bus $(BENCH)

# Ten clips through a job by one worker and by two, and through 'analyze', beside the limit: BENCH='--runs 9'.
bench-jobs: build
	bench/jobs $(RIDLEY) $(BENCH)

# Jobs of a hundred thousand items, a thousand failures, two clients, and syncs a task: JOBS='--assets 10000'.
bench-jobs-walls: build
	RIDLEY_BENCH=1 swift build -c release --product library-bench
	bench/jobs-walls $(RIDLEY) $(JOBS)

# What each engine gives of each network, beside its own package: BENCH='--seconds 10 --networks yolox-nano' for some of it.
bench-engines: build
	bench/engines $(RIDLEY) $(BENCH)

# Cold starts of the program as a function, by their phases: BENCH='--starts 30' for more of them.
bench-function: build
	bench/function $(RIDLEY) $(BENCH)

# Live pictures looked at a second, and how old the answers are, at one camera, four and eight: BENCH='--cameras 8' for some of it.
bench-live: build
	bench/live $(RIDLEY) $(BENCH)

# A server that keeps to the profile edge, in a control group of 512 MB and one core, for an hour: BENCH='--minutes 5' for less. Needs root.
bench-edge: build
	bench/edge $(RIDLEY) $(BENCH)

# Live streams for long: ten minutes of overload, twenty troubles of one source beside three others, a thousand sources that come and go; then two hours of streams with all that
# hangs on them, recorded, told, searched and computed elsewhere, while everything that may go away goes away.
soak-live: build
	bench/soak-live $(RIDLEY) $(BENCH)
	bench/soak-together $(RIDLEY)

# Notices to webhooks and a broker that are away, fail, hang and redirect for ten minutes, from a server that is killed twenty times meanwhile.
soak-delivery: build
	swift build --configuration release --product library-worker
	bench/soak-delivery $(RIDLEY) $(BENCH)

# Nodes at the edge over links that are cut, with clocks that are wrong by hours, and everything killed; in network namespaces where root may make them. BENCH='--rounds 300' for longer.
soak-edge: build
	swift build --configuration release --product library-worker
	bench/soak-edge $(RIDLEY) $(BENCH)

# Recordings of a server that is killed fifty times, and a disk of 64 MB that four cameras fill for an hour's worth: BENCH=SEED for other instants.
soak-recordings: build
	python3 Tests/StreamsTests/kills.py $(CURDIR)/$(RIDLEY) $(CURDIR)/models $(CURDIR)/build/soak-recordings 25 $(or $(BENCH),1)
	unshare -Urm python3 Tests/StreamsTests/disk.py $(CURDIR)/$(RIDLEY) $(CURDIR)/models $(CURDIR)/build/soak-recordings-disk 2000

# How far estimates are right: five unlike pipelines as jobs, estimated from earlier ones, beside what their tasks took.
bench-estimate: build
	test -f build/demo/line.mp4 || demo/run $(RIDLEY)
	bench/estimate $(RIDLEY) $(BENCH)

# Forecasts of 'ridley place' against runs over shaped links (docs/edge.md).
bench-place: build
	bench/place $(RIDLEY) $(BENCH)

# The container image, build/ridley.tar for 'docker load -i', or pushed with REGISTRY=host/path; IMAGE=--full brings every engine along.
image:
	@./bootstrap --packaging
	packaging/image $(IMAGE)

# What the image promises, each promise with what was found in real containers; needs root.
check-image: image
	packaging/check-image $(IMAGE)

# Films that are larger than a function's disk, or want more memory than it has; needs root. 'make check-image' does the same in the image.
check-function: build
	packaging/check-function $(RIDLEY) $(BENCH)

# What stands in deploy/ for many machines, and what is rendered of blueprints, held to what they promise; neither a cluster nor a container is needed. KEDA_CRDS=FOLDER has more of it checked.
check-deploy:
	deploy/check

# One job of ten films by each engine of examples/, while its workers are killed, beside Ridley's own workers: BENCH='--only dask' for some of it.
# It installs the engines from their packages and takes some twenty minutes, so 'make test' leaves it out.
check-engines: build
	examples/check $(RIDLEY) $(BENCH)

# The dashboard and the rules of deploy/observe, held to a real server by a real Prometheus: apt-get install prometheus.
check-observe: build
	deploy/observe/check $(RIDLEY)

# Where programs are looked for: PREFIX=/usr/local, below DESTDIR where that is set.
PREFIX = /usr/local
install:
	@./bootstrap --packaging
	packaging/stage build/stage
	PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) packaging/install build/stage

uninstall:
	PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) packaging/install --remove

# A Debian package in build/package; MAINTAINER='Name <address>' is who answers for it.
package:
	@./bootstrap --packaging
	packaging/stage --system-libs build/stage-debian
	packaging/deb build/stage-debian build/package

# What the package promises, on a fresh Debian whose own systemd runs; needs root.
check-package: package
	packaging/check-package $$(ls -t build/package/ridley_*.deb | head -n 1)

# Writes docs/help anew from the built program; the tests compare.
help-texts: build
	docs/help/update $(RIDLEY)

# Lists the files of the dashboard's page anew, after one came or went; a test compares.
page-files:
	Sources/Dashboard/list-page

# Writes the plan of rooms in docs/architecture.md anew from Package.swift; a test compares.
plan:
	RIDLEY_WRITE_PLAN=1 swift test --filter ArchitectureTests

# FFmpeg with what Ridley reads and writes, under the LGPL, for the targets below; a plain build uses Debian's. See packaging/README.md.
ffmpeg:
	@./bootstrap --packaging
	packaging/ffmpeg

# The program and all that it needs, as a tree that runs from any folder: make stage DEST=build/stage, STAGE=--system-libs.
DEST = build/stage
stage:
	@./bootstrap --packaging
	packaging/stage $(STAGE) $(DEST)

# A wheel for Python in build/wheel: the program, its libraries and a client; the engine comes with its own wheel. docs/python.md.
wheel:
	@./bootstrap --packaging
	packaging/stage build/stage
	packaging/wheel build/stage build/wheel

# What the wheel promises, in new environments here and on a fresh Debian 13; that one needs root.
check-wheel: wheel
	packaging/check-wheel build/stage $$(ls -t build/wheel/ridley-*.whl | head -n 1)

# The same frames, times, descriptions and predictions with both FFmpegs.
check-ffmpeg: build
	$(MAKE) stage DEST=build/stage
	packaging/check-ffmpeg

# All tests with the slim FFmpeg in place of Debian's, but for the tools that make films for them.
TOOLS = build/system-tools
test-slim:
	@./bootstrap --packaging
	packaging/ffmpeg
	swift build --build-tests
	mkdir -p $(TOOLS)
	for tool in ffmpeg ffprobe; do \
	  printf '#!/bin/sh\nunset LD_LIBRARY_PATH\nexec %s "$$@"\n' "$$(command -v $$tool)" >$(TOOLS)/$$tool && chmod +x $(TOOLS)/$$tool || exit; done
	PATH=$(CURDIR)/$(TOOLS):$$PATH LD_LIBRARY_PATH=$(CURDIR)/.deps/ffmpeg-slim/lib swift test --skip-build

clean:
	rm -rf .build build .deps
