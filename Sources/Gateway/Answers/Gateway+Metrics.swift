internal import Base
internal import Catalog
internal import Execution
internal import Inference
internal import Jobs
internal import Serving
internal import Web

/// Metrics for Prometheus.
extension Gateway {
  func metrics(streamsOf scope: ClientScope) -> Response {
    var text = MetricsText()
    let versions = models.list().flatMap { entry in
      entry.versions.map { (entry.model, $0.version, $0.state, models.metrics(of: entry.model, version: $0.version)) }
    }
    text.begin(
      "ridley_requests_total", .counter,
      help: "Requests of clients to a model, alone or in a pipeline, by how they ended; a clip is one.")
    for (model, version, _, metrics) in versions {
      for ending in ModelMetrics.Ending.allCases {
        text.sample(metrics.count(ending), ["model": model, "version": version, "outcome": ending.rawValue])
      }
    }
    text.begin(
      "ridley_batches_total", .counter,
      help: "Batches by what let them begin: an arrival, or a copy that was free again.")
    for (model, version, _, metrics) in versions {
      for reason in BatchStart.allCases {
        text.sample(metrics.count(reason), ["model": model, "version": version, "reason": reason.rawValue])
      }
    }
    writeTimes(versions.map { ($0.0, $0.1, $0.3) }, to: &text)
    text.begin("ridley_rows_total", .counter, help: "Rows that were inferred.")
    for (model, version, _, metrics) in versions { text.sample(metrics.rows, ["model": model, "version": version]) }
    write(versions.map { ($0.0, $0.1, $0.2) }, to: &text)
    writeRollouts(to: &text)
    writeStreams(of: scope, to: &text)
    writeDeliveries(of: scope, to: &text)
    writeFleet(of: scope, to: &text)
    if scope == .all, let backlog = library?.jobs.notedBacklog {
      text.begin(
        "ridley_jobs_backlog", .gauge,
        help: "Tasks of jobs that may be had or are at work: never 0 while there is something to do.")
      text.sample(backlog)
    }
    writeTelemetry(to: &text)
    writeProcess(to: &text)
    routeCounters.write(to: &text)
    return Response(200, headers: [("Content-Type", MetricsText.mediaType)], body: text.finish())
  }

  private func writeTimes(_ versions: [(String, String, ModelMetrics)], to text: inout MetricsText) {
    let histograms: [(String, String, any KeyPath<ModelMetrics, Histogram> & Sendable)] = [
      ("ridley_queue_seconds", "From a request's arrival until the engine took its first row.", \.queue),
      ("ridley_prepare_seconds", "Reading, decoding and scaling of inputs.", \.prepare),
      ("ridley_infer_seconds", "One batch in the engine.", \.infer),
      ("ridley_write_seconds", "Writing of answers.", \.write),
      ("ridley_request_seconds", "From the complete head of a request to its answer.", \.total),
      ("ridley_batch_size", "Rows of a batch.", \.batchSize),
    ]
    for (name, help, path) in histograms {
      text.begin(name, .histogram, help: help)
      for (model, version, metrics) in versions {
        text.sample(metrics[keyPath: path], ["model": model, "version": version])
      }
    }
  }

  private func write(_ versions: [(String, String, ModelRepository.State)], to text: inout MetricsText) {
    let loads = versions.map { (model, version, state) -> (String, String, Int, (Int, Int)) in
      guard case .ready(let served) = state else { return (model, version, 0, (0, 0)) }
      let load = served.load
      return (model, version, 1, (load.waiting, load.running))
    }
    text.begin("ridley_model_ready", .gauge, help: "1 where the version can be asked.")
    for (model, version, ready, _) in loads { text.sample(ready, ["model": model, "version": version]) }
    text.begin(
      "ridley_model_isolated", .gauge, help: "1 where the version runs in a process of its own, because it crashed one."
    )
    for (model, version, state) in versions {
      guard case .ready(let served) = state else { continue }
      text.sample(served.isIsolated ? 1 : 0, ["model": model, "version": version])
    }
    text.begin(
      "ridley_model_crashes", .gauge,
      help: "Processes that crashed while the version was at work, since it was loaded by name.")
    for (model, version, _) in versions {
      text.sample(models.crashes(of: model, version: version), ["model": model, "version": version])
    }
    writeUnits(versions, to: &text)
    writeMemory(versions, to: &text)
    text.begin("ridley_waiting_rows", .gauge, help: "Rows that wait.")
    for (model, version, _, load) in loads { text.sample(load.0, ["model": model, "version": version]) }
    text.begin("ridley_running_rows", .gauge, help: "Rows that the engine works on.")
    for (model, version, _, load) in loads { text.sample(load.1, ["model": model, "version": version]) }
  }

  /// Where the memory of models is bounded.
  private func writeMemory(_ versions: [(String, String, ModelRepository.State)], to text: inout MetricsText) {
    guard let memory = models.memory else { return }
    let served = versions.compactMap { (model, version, state) -> (KeyValuePairs<String, String>, ServedVersion)? in
      if case .ready(let served) = state { (["model": model, "version": version], served) } else { nil }
    }
    text.begin("ridley_model_loaded", .gauge, help: "1 where the version is in memory.")
    for (labels, served) in served { text.sample(served.isLoaded ? 1 : 0, labels) }
    text.begin(
      "ridley_model_memory_bytes", .gauge, help: "What the version takes in memory, measured when it was loaded last.")
    for (labels, served) in served { text.sample(served.memoryByteCount ?? 0, labels) }
    text.begin("ridley_models_memory_limit_bytes", .gauge, help: "What all versions may take together.")
    text.sample(memory.limit.byteCount)
    text.begin("ridley_models_memory_bytes", .gauge, help: "What those take that are in memory.")
    text.sample(memory.used)
    text.begin("ridley_model_loads_total", .counter, help: "Versions that were loaded into memory.")
    text.sample(memory.loads)
    text.begin("ridley_model_departures_total", .counter, help: "Versions that left memory for others.")
    text.sample(memory.departures)
  }

  /// Of models that units on other hosts compute, or may.
  private func writeUnits(_ versions: [(String, String, ModelRepository.State)], to text: inout MetricsText) {
    let all = versions.compactMap { (model, version, state) -> (KeyValuePairs<String, String>, FarCapacity)? in
      guard case .ready(let served) = state, let far = served.far else { return nil }
      return (["model": model, "version": version], far)
    }
    guard !all.isEmpty else { return }
    text.begin("ridley_unit_places", .gauge, help: "Inferences at the same time in units on other hosts.")
    for (labels, far) in all { text.sample(far.places, labels) }
    text.begin("ridley_unit_places_busy", .gauge, help: "How many of these were at work lately, for whichever server.")
    for (labels, far) in all { text.sample(far.busy, labels) }
  }

  private func writeProcess(to text: inout MetricsText) {
    let (figures, counts) = (ProcessFigures.now, counts)
    let counters: [(String, String, Int)] = [
      ("ridley_http_connections_total", "Connections that were taken.", counts.accepted),
      (
        "ridley_http_turned_away_total",
        "Connections that were closed because there were too many; without TLS they were told 503.",
        counts.turnedAway
      ),
      ("ridley_http_requests_total", "Requests that were answered, or whose client left.", counts.requests),
      ("ridley_http_refused_total", "Requests that were malformed or over a limit.", counts.refused),
      ("ridley_http_received_bytes_total", "Bytes of the bodies of requests.", counts.bytesIn),
      ("ridley_http_sent_bytes_total", "Bytes of the bodies of answers.", counts.bytesOut),
    ]
    for (name, help, value) in counters {
      text.begin(name, .counter, help: help)
      text.sample(value)
    }
    text.begin("process_cpu_seconds_total", .counter, help: "User and system time of all threads.")
    text.sample(figures.cpuSeconds)
    let gauges: [(String, String, Int)] = [
      ("ridley_http_open_connections", "Connections that are open.", counts.openConnections),
      ("ridley_http_body_bytes", "Bytes of bodies that are in memory.", counts.bodyBytesInFlight),
      ("ridley_http_answer_bytes", "Bytes of answers that wait for their clients.", counts.answerBytesWaiting),
      ("process_resident_memory_bytes", "Memory that is really there.", figures.residentBytes),
      ("process_open_fds", "Open files and sockets.", figures.openFiles),
      ("process_threads", "Threads.", figures.threads),
      ("process_start_time_seconds", "When the process began, in seconds since 1970.", began),
    ]
    for (name, help, value) in gauges {
      text.begin(name, .gauge, help: help)
      text.sample(value)
    }
  }
}
