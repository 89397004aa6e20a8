public import Base
internal import Protobuf

/// What is asked of one model, and maybe of one version of it: the fields that all such requests of the protocol's gRPC service begin with.
public struct ModelQuestion: Sendable, Hashable {
  /// Empty where all are meant, and that may be asked.
  public let model: String
  /// `nil` for the usual one.
  public let version: String?

  /// Faults are `badInput`.
  public static func parse(_ message: RawSpan, at range: Range<Int>) throws(Fault) -> ModelQuestion {
    var (model, version) = ("", "")
    var fields = MessageFields(range)
    while let field = try fields.next(in: message) {
      switch (field.number, field.value) {
      case (1, .bytes(let text)): model = try MessageText.read(message, text, "name")
      case (2, .bytes(let text)): version = try MessageText.read(message, text, "version")
      default: break
      }
    }
    return ModelQuestion(model: model, version: version.isEmpty ? nil : version)
  }
}

extension ServerMetadata {
  /// `ServerLiveResponse`, `ServerReadyResponse` and `ModelReadyResponse`, which look alike.
  public static func message(_ isSo: Bool) -> [UInt8] {
    var message = MessageWriter()
    message.field(1, isSo)
    return message.bytes
  }

  public static func message(name: String, version: String) -> [UInt8] {
    var message = MessageWriter()
    message.field(1, name)
    message.field(2, version)
    message.field(3, extensions)
    return message.bytes
  }
}

/// `grpc.health.v1.HealthCheckRequest` and its answer.
public enum HealthMessage {
  /// Of which service it is asked; empty for the server as a whole.
  public static func service(_ message: RawSpan, at range: Range<Int>) throws(Fault) -> String {
    try ModelQuestion.parse(message, at: range).model
  }

  public enum Status: Int, Sendable {
    case serving = 1
    case notServing = 2
    /// There is no such service: told by `Watch` alone.
    case serviceUnknown = 3
  }

  public static func answer(_ status: Status) -> [UInt8] {
    var message = MessageWriter()
    message.field(1, status.rawValue)
    return message.bytes
  }
}

extension ModelMetadata {
  /// `ModelMetadataResponse`; an open side is -1, and there is no place for notes.
  public var message: [UInt8] {
    var message = MessageWriter(capacity: 256)
    message.field(1, name)
    message.field(2, versions)
    message.field(3, platform)
    for (number, specs) in [(4, inputs), (5, outputs)] {
      for spec in specs {
        message.message(number) { tensor in
          tensor.field(1, spec.name)
          tensor.field(2, spec.element.rawValue)
          tensor.field(3, packed: spec.shape.map { $0 ?? -1 })
        }
      }
    }
    return message.bytes
  }

  /// `ModelConfigResponse`: as ``configuration(maxBatchSize:)``.
  public func configurationMessage(maxBatchSize: Int) -> [UInt8] {
    var message = MessageWriter(capacity: 256)
    message.message(1) { config in
      config.field(1, name)
      config.field(2, platform)
      config.field(4, maxBatchSize)
      // An input has its dimensions as field 4, behind a format; an output as field 3.
      for (number, dimensions, specs) in [(5, 4, inputs), (6, 3, outputs)] {
        for spec in specs {
          config.message(number) { tensor in
            tensor.field(1, spec.name)
            tensor.field(2, spec.element.configurationNumber)
            tensor.field(dimensions, packed: spec.shape.dropFirst(maxBatchSize > 0 ? 1 : 0).map { $0 ?? -1 })
          }
        }
      }
      config.field(17, platform)
    }
    return message.bytes
  }
}

extension ElementType {
  /// Triton's `DataType`.
  fileprivate var configurationNumber: Int {
    switch self {
    case .bool: 1
    case .u8: 2
    case .u16: 3
    case .u32: 4
    case .u64: 5
    case .i8: 6
    case .i16: 7
    case .i32: 8
    case .i64: 9
    case .f16: 10
    case .f32: 11
    case .f64: 12
    case .string: 13
    case .bf16: 14
    }
  }
}

extension ModelStatistics {
  /// `ModelStatisticsResponse`.
  public static func message(_ models: [ModelStatistics]) -> [UInt8] {
    var message = MessageWriter(capacity: 256 * models.count)
    for model in models { message.message(1, model.write) }
    return message.bytes
  }

  private func write(to message: inout MessageWriter) {
    message.field(1, name)
    message.field(2, version)
    message.field(3, lastInference)
    message.field(4, inferenceCount)
    message.field(5, executionCount)
    message.message(6) { all in
      let tallies = [success, fail, queue, computeInput, computeInfer, computeOutput, Tally(), Tally()]
      for (index, tally) in tallies.enumerated() { tally.write(index + 1, to: &all) }
    }
    for batch in batches {
      message.message(7) { one in
        one.field(1, batch.size)
        for (index, tally) in [batch.computeInput, batch.computeInfer, batch.computeOutput].enumerated() {
          tally.write(index + 2, to: &one)
        }
      }
    }
  }
}

extension Tally {
  fileprivate func write(_ number: Int, to message: inout MessageWriter) {
    message.message(number) { tally in
      tally.field(1, count)
      tally.field(2, nanoseconds)
    }
  }
}

extension Repository {
  /// Whether only models that are ready belong into the index (`RepositoryIndexRequest`).
  public static func wantsReadyOnly(_ message: RawSpan, at range: Range<Int>) throws(Fault) -> Bool {
    var fields = MessageFields(range)
    var isWanted = false
    while let field = try fields.next(in: message) {
      if field.number == 2, case .number(let flag) = field.value { isWanted = flag != 0 }
    }
    return isWanted
  }

  /// `RepositoryIndexResponse`.
  public static func message(_ entries: [Entry]) -> [UInt8] {
    var message = MessageWriter(capacity: 64 * entries.count)
    for entry in entries {
      message.message(1) { one in
        one.field(1, entry.name)
        one.field(2, entry.version)
        one.field(3, entry.state.rawValue)
        one.field(4, entry.reason)
      }
    }
    return message.bytes
  }

  /// The model that is to be loaded or unloaded (`RepositoryModelLoadRequest`, `…UnloadRequest`); a configuration or files are refused.
  public static func model(_ message: RawSpan, at range: Range<Int>) throws(Fault) -> String {
    var fields = MessageFields(range)
    var model = ""
    while let field = try fields.next(in: message) {
      guard case .bytes(let bytes) = field.value else { continue }
      if field.number == 2 { model = try MessageText.read(message, bytes, "model_name") }
      guard field.number == 3 else { continue }
      let name = try MessageParameter(message, bytes).name
      guard name != "config", !name.hasPrefix("file:") else { throw Fault(.unsupported, Self.sentAlong) }
    }
    guard !model.isEmpty else { throw Fault(.badInput, "model_name is missing") }
    return model
  }
}
