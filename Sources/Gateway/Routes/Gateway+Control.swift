internal import Base
internal import JSON
internal import OpenInference
internal import Serving
internal import Web

/// What is served, and changes of it.
extension Gateway {
  func read(_ request: Request, _ target: Target) throws(Failure) -> Response {
    switch target {
    case .alive: return .json(request.path.hasPrefix("/v2") ? ServerMetadata.live(true) : Array(#"{"live":true}"#.utf8))
    case .ready:
      let isReady = models.isSettled
      return .json(ServerMetadata.ready(isReady), status: isReady ? 200 : 503)
    case .page(let path): return try page(path, request)
    case .description: return .json(description)
    case .server: return .json(ServerMetadata.json(name: "ridley", version: options.version))
    case .metadata(let model, let version): return .json(try metadata(model, version).json)
    case .modelReady(let model, let version):
      let served = try find(model, version)
      return .json(ModelMetadata.ready(served.model, true))
    case .config(let model, let version):
      let rows = try find(model, version).takesRows ? ServedVersion.maxRows : 0
      return .json(try metadata(model, version).configuration(maxBatchSize: rows))
    case .statistics(let model, let version): return .json(try statistics(model, version))
    case .models: return try describe(nil)
    case .model(let model): return try describe(model)
    case .status: return status()
    case .metrics: return metrics()
    default: throw .notFound("there is nothing at \(request.path): /openapi.json lists what there is")
    }
  }

  private func metadata(_ model: String, _ version: String?) throws(Failure) -> ModelMetadata {
    let served = try find(model, version)
    let versions = models.list().first { $0.model == model }?.versions.compactMap { entry in
      if case .ready = entry.state { entry.version } else { nil }
    }
    return ModelMetadata(
      name: served.model, versions: version.map { _ in [served.version] } ?? versions ?? [], platform: "openvino",
      inputs: served.inputs, outputs: served.outputs)
  }

  private func statistics(_ model: String?, _ version: String?) throws(Failure) -> [UInt8] {
    let listed: [ServedVersion]
    if let model {
      listed = [try find(model, version)]
    } else {
      listed = models.list().flatMap { entry in
        entry.versions.compactMap { if case .ready(let served) = $0.state { served } else { nil } }
      }
    }
    return ModelStatistics.json(listed.map { ModelStatistics($0) })
  }

  func index(_ body: Body) throws(Failure) -> Response {
    do throws(Fault) {
      let onlyReady = try body.withBytes { (bytes) throws(Fault) in try Repository.wantsReadyOnly(bytes) }
      let entries = models.list().flatMap { entry in
        entry.versions.map { version in
          switch version.state {
          case .ready: Repository.Entry(name: entry.model, version: version.version, state: .ready)
          case .loading: Repository.Entry(name: entry.model, version: version.version, state: .loading)
          case .unavailable(let fault):
            Repository.Entry(
              name: entry.model, version: version.version, state: .unavailable, reason: fault.message)
          }
        }
      }
      return .json(Repository.index(onlyReady ? entries.filter { $0.state == .ready } : entries))
    } catch { throw Failure(error) }
  }

  func load(_ model: String, _ body: Body) throws(Failure) -> Response {
    do throws(Fault) {
      try body.withBytes { (bytes) throws(Fault) in try Repository.checkLoad(bytes) }
      try models.load(model)
    } catch { throw Failure(error) }
    return Response(200)
  }

  func unload(_ model: String, _ body: Body) throws(Failure) -> Response {
    do throws(Fault) {
      try body.withBytes { (bytes) throws(Fault) in try Repository.checkUnload(bytes) }
      try models.unload(model)
    } catch { throw Failure(error) }
    return Response(200)
  }

  /// `body` is `{"version":"2"}`.
  func set(_ alias: String, of model: String, to body: Body?) throws(Failure) -> Response {
    enum Key: String, CaseIterable { case version }
    do throws(Fault) {
      let version = try body.map { (body) throws(Fault) in
        try body.withBytes { (bytes) throws(Fault) in
          try JSONDocument(parsing: bytes, name: "the request").root.fields(Key.self).required(.version).string()
        }
      }
      try models.set(alias: alias, of: model, to: version)
    } catch { throw Failure(error) }
    return Response(204)
  }
}

extension Response {
  static func json(_ bytes: [UInt8], status: Int = 200) -> Response {
    Response(status, headers: [("Content-Type", "application/json")], body: bytes)
  }
}

extension ModelStatistics {
  init(_ served: ServedVersion) {
    self.init(name: served.model, version: served.version)
    let metrics = served.metrics
    let sum = { (histogram: Histogram) in
      let snapshot = histogram.snapshot
      return OpenInference.Tally(count: snapshot.count, nanoseconds: snapshot.sum)
    }
    (lastInference, inferenceCount) = (metrics.lastAnswer.value * 1000, metrics.rows)
    (success, queue) = (sum(metrics.total), sum(metrics.queue))
    (computeInput, computeInfer, computeOutput) = (sum(metrics.prepare), sum(metrics.infer), sum(metrics.write))
    let failures = [.failed, .refused, .expired, .cancelled].reduce(0) { $0 + metrics.count($1) }
    fail = OpenInference.Tally(count: failures, nanoseconds: metrics.failedTime.value)
    for (size, batch) in metrics.batches.sorted(by: { $0.key < $1.key }) {
      executionCount += batch.count
      batches.append(
        Batch(
          size: size, computeInput: OpenInference.Tally(),
          computeInfer: OpenInference.Tally(count: batch.count, nanoseconds: batch.nanoseconds),
          computeOutput: OpenInference.Tally()))
    }
  }
}
