# Ridley: build, test and try. Every target installs what it needs first; what is there is left alone.

RIDLEY = .build/release/ridley

.PHONY: build test check fuzz bench bench-serve soak-serve soak-store demo help-texts page-files plan clean

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
	swift test --skip-build

# What takes too long for every change: data races, and memory errors in the rooms that speak to C.
# The engine's own threads bring a library that must be told of sanitizers; its rpath does not fit a scratch folder.
SANITIZED = LD_LIBRARY_PATH=$(CURDIR)/.deps/openvino/libs TBB_ENABLE_SANITIZERS=1 \
  TSAN_OPTIONS=allocator_may_return_null=1 ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
check: test
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

# What the server promises under load, each promise with what was found: BENCH=--quick to try, '--only reloads'.
soak-serve: build
	bench/serve-checks $(RIDLEY) $(BENCH)

# The store beside its oracle: a million random operations instead of the 10,000 of the tests.
soak-store:
	@./bootstrap
	RIDLEY_STORE_OPERATIONS=1000000 swift test --filter 'StoreTests.TableSuite'

# Writes docs/help anew from the built program; the tests compare.
help-texts: build
	docs/help/update $(RIDLEY)

# Lists the files of the dashboard's page anew, after one came or went; a test compares.
page-files:
	Sources/Dashboard/list-page

# Writes the plan of rooms in docs/architecture.md anew from Package.swift; a test compares.
plan:
	RIDLEY_WRITE_PLAN=1 swift test --filter ArchitectureTests

clean:
	rm -rf .build build .deps
