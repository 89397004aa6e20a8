public import Base
public import Items
internal import JSON

/// Inputs that a version of a model was shown, and what it answered; never changed once it is written.
public struct ModelExamples: Sendable, Hashable {
  public let model: String
  public let version: Int
  /// By which its objects are needed.
  public let id: ULID
  /// The inputs' bytes, one after the other, an object.
  public let inputs: String
  /// Which part of them is which input, and what was answered, an object.
  public let answers: String
  public let count: Int
  /// What computed the answers: the engine with its version, the precision, the device.
  public let computation: String
  /// Who recorded them, in their own words, and when, in milliseconds since 1970.
  public let by: String
  public let recorded: Int

  public init(
    model: String, version: Int, id: ULID, inputs: String, answers: String, count: Int, computation: String, by: String,
    recorded: Int
  ) {
    (self.model, self.version, self.id, self.inputs, self.answers) = (model, version, id, inputs, answers)
    (self.count, self.computation, self.by, self.recorded) = (count, computation, by, recorded)
  }

  public var itemKey: ItemKey { LibraryKeys.modelExamples(model, version, id) }

  /// What says that its objects are needed.
  public var references: [ItemKey] {
    Set([inputs, answers]).sorted().map { LibraryKeys.reference($0, by: id, "model-examples") }
  }

  private enum Key: String, CaseIterable {
    case model, version, ulid, inputs, answers, count, computation, by, recorded
  }

  /// The body of its item.
  public var json: [UInt8] { JSONWriter.object(write) }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("model", model)
    json.field("version", version)
    json.field("ulid", id.text)
    json.field("inputs", inputs)
    json.field("answers", answers)
    json.field("count", count)
    json.field("computation", computation)
    json.field("by", by)
    json.field("recorded", CompositeKey.time(milliseconds: recorded))
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let id = try fields.required(.ulid)
    guard let ulid = ULID(try id.string()) else { throw id.fault("this is no id of recorded inputs") }
    self.init(
      model: try fields.required(.model).string(), version: try fields.required(.version).integer(in: 1 ... .max),
      id: ulid, inputs: try fields.required(.inputs).string(), answers: try fields.required(.answers).string(),
      count: try fields.required(.count).integer(in: 0 ... .max),
      computation: try fields.required(.computation).string(), by: try fields.required(.by).string(),
      recorded: try fields.required(.recorded).moment())
  }
}
