internal import Base
internal import Inference
internal import JSON
internal import Objects

/// What a centre answers to an input: JSON with the outputs' shapes, and behind it their bytes.
enum CentreAnswer {
  private enum Key: String, CaseIterable { case outputs }
  private enum OutputKey: String, CaseIterable { case name, datatype, shape, parameters }
  private enum ParameterKey: String, CaseIterable { case binary_data_size }

  /// The header by which an answer names the version that computed it.
  static let digestHeader = "X-Model-Digest"

  /// The outputs in the order of `specs`, each on a border of its own; believed where they are of the shapes that the version has.
  ///
  /// - Throws: `conflict` where another version computed it, `unavailable` where it is not what was asked for.
  static func outputs(
    _ answer: ServerAnswer, of model: CentreModel, _ address: CentreAddress
  ) throws(Fault) -> [BatchOutput] {
    guard let digest = answer[digestHeader] else {
      throw Fault(
        .unsupported,
        "the centre \(address.host) does not say which version of '\(model.name)' answered: it is older than this program, bring it up to date"
      )
    }
    guard digest == model.digest else {
      throw Fault(
        .conflict,
        "the centre \(address.host) answered with another version of '\(model.name)' than it was asked for: it was replaced meanwhile, run this again"
      )
    }
    guard let count = answer["inference-header-content-length"].flatMap({ Int($0) }), count > 0,
      count <= answer.body.count
    else { throw nonsense(address, "it has no head") }
    do throws(Fault) { return try read(answer.body, head: count, model, address) } catch {
      throw error.kind == .badInput ? nonsense(address, error.message) : error
    }
  }

  private static func read(
    _ body: [UInt8], head: Int, _ model: CentreModel, _ address: CentreAddress
  ) throws(Fault) -> [BatchOutput] {
    let root = try unsafe JSONDocument(parsing: body.span.bytes.extracting(0..<head), name: "the answer").root
    var (place, found) = (head, [String: BatchOutput]())
    for value in try root.fields(Key.self, others: .ignored).required(.outputs).elements() {
      let fields = try value.fields(OutputKey.self, others: .ignored)
      let name = try fields.required(.name).string()
      let size = try fields.required(.parameters).fields(ParameterKey.self, others: .ignored)
      let count = try size.required(.binary_data_size).integer(in: 0...(body.count - place))
      var sides: [Int] = []
      for side in try fields.required(.shape).elements() { sides.append(try side.integer(in: 0...(1 << 32))) }
      guard let spec = model.outputs.first(where: { $0.name == name }) else {
        throw nonsense(address, "there is no output '\(name)'")
      }
      let isLike = sides.count == spec.shape.count && zip(sides, spec.shape).allSatisfy { $1 == nil || $0 == $1 }
      let element = try fields.required(.datatype).string()
      guard isLike, element == spec.element.rawValue,
        TensorSpec.elementCount(of: sides).map({ $0 * spec.element.byteCount }) == count
      else { throw nonsense(address, "the output '\(name)' is \(element) \(sides), and not \(spec.description)") }
      // An engine's numbers begin on borders, and so do these.
      found[name] = BatchOutput(sides: sides, bytes: SharedBytes(Array(body[place..<place + count])))
      place += count
    }
    guard place == body.count else { throw nonsense(address, "\(body.count - place) bytes are left over") }
    var ordered: [BatchOutput] = []
    for spec in model.outputs {
      guard let output = found[spec.name] else { throw nonsense(address, "the output '\(spec.name)' is missing") }
      ordered.append(output)
    }
    return ordered
  }

  private static func nonsense(_ address: CentreAddress, _ why: String) -> Fault {
    Fault(.unavailable, "the centre \(address.host) gave an answer that does not fit the network: \(why)")
  }

  private enum EnvelopeKey: String, CaseIterable { case error }
  private enum ErrorKey: String, CaseIterable { case code, message }

  /// What an answer that is no success means.
  static func fault(_ answer: ServerAnswer, _ address: CentreAddress) -> Fault {
    let told = envelope(answer.body)
    switch answer.status {
    case 401, 403:
      let why = told?.message ?? "it asks for a key"
      return Fault(
        .denied,
        "the centre \(address.host): \(why): name the file of one of its keys that may infer and read with --key FILE, or set RIDLEY_KEY"
      )
    case 300...399:
      return Fault(.unavailable, "the centre \(address.host) sends on to another place: name that server with --centre")
    default:
      return Fault(
        told?.kind ?? .unavailable,
        "the centre \(address.host): \(told?.message ?? "it answers \(answer.status), and not as 'ridley serve' would")"
      )
    }
  }

  private static func envelope(_ body: [UInt8]) -> Fault? {
    guard let document = try? unsafe JSONDocument(parsing: body.span.bytes, name: "the answer"),
      let error = try? document.root.fields(EnvelopeKey.self, others: .ignored).required(.error),
      let fields = try? error.fields(ErrorKey.self, others: .ignored),
      let code = try? fields.required(.code).string(), let message = try? fields.required(.message).string()
    else { return nil }
    return Fault(Fault.Kind(rawValue: code) ?? .unavailable, message)
  }
}
