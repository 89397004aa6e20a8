internal import Base
internal import Inference
internal import Isolation
public import Loading
public import ModelHub

/// Which version a model process loads, and how it is to run.
public struct ModelOrder: Sendable {
  public var version: ModelVersion
  /// Where pulled files stand.
  public var store: String
  /// The engine's folder; `nil` keeps nothing.
  public var cache: String?
  /// Settled, with what was tuned.
  public var options: LoadOptions

  public init(_ version: ModelVersion, store: String, cache: String?, options: LoadOptions) {
    (self.version, self.store, self.cache, self.options) = (version, store, cache, options)
  }

  func write(_ fields: inout FieldWriter) {
    for text in [version.model, version.version, version.path, store] { fields.add(text) }
    fields.add(cache) { $0.add($1) }
    fields.add(options.device)
    fields.add(options.precision) { $0.add($1.rawValue) }
    fields.add(options.engine) { $0.add($1.rawValue) }
    for number in [options.streams, options.threads, options.batch] { fields.add(number) { $0.add($1) } }
    for flag in [options.isTuned, options.usesCache, options.isWarmed] { fields.add(flag) }
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    version = ModelVersion(model: try fields.text(), version: try fields.text(), path: try fields.text())
    store = try fields.text()
    cache = try fields.optional { (fields) throws(Fault) in try fields.text() }
    let device = try fields.text()
    let precision = try fields.optional { (fields) throws(Fault) in
      guard let precision = Precision(rawValue: try fields.text()) else { throw FieldReader.nonsense }
      return precision
    }
    let engine = try fields.optional { (fields) throws(Fault) in
      guard let engine = EngineChoice(rawValue: try fields.text()) else { throw FieldReader.nonsense }
      return engine
    }
    let number = { (fields: inout FieldReader) throws(Fault) in
      try fields.optional { (fields) throws(Fault) in try fields.integer(in: 1...1 << 16) }
    }
    let (streams, threads, batch) = (try number(&fields), try number(&fields), try number(&fields))
    options = LoadOptions()
    let isTuned = try fields.flag()
    if isTuned, let streams, let threads, let batch {
      options = LoadOptions(
        Setting(Computation(.f32), streams: streams, threads: threads, batch: batch), device: device)
    }
    (options.device, options.precision, options.engine) = (device, precision, engine)
    (options.streams, options.threads, options.batch) = (streams, threads, batch)
    (options.usesCache, options.isWarmed) = (try fields.flag(), try fields.flag())
  }
}
