public import Base
internal import Inference
internal import Media
internal import Metadata
internal import ModelHub
internal import Vision
internal import YAML

/// A way into the program for foreign bytes.
public enum FuzzTarget: String, Sendable, CaseIterable {
  /// Any YAML document.
  case yaml
  /// A model's `model.yaml`.
  case manifest
  /// A pipeline, written out, checked against models, and run over what such models may find.
  case pipeline
  /// A video as `probe` and `analyze` take it: the first frames decoded and scaled, with a sampling too, and indexed.
  case video
  /// The sound of a file, as analysers ask for it.
  case sound
  /// A picture, likewise.
  case picture
  /// An index of frames behind its head, and frames of a small video looked up in it.
  case index
  /// What a network may answer, to every head.
  case answer
  /// Shapes from which a network's purpose is guessed.
  case guess
  /// What a client sends on a connection of HTTP/1, in whole and in pieces.
  case http
  /// Likewise the frames of HTTP/2.
  case http2
  /// The first look at a network file, before the engine sees it.
  case sniff
  /// What a network file says of itself, whatever it is.
  case words
  /// Any JSON text.
  case json
  /// The body of an inference request, JSON and binary tensors.
  case infer
  /// The same as a message of gRPC.
  case rpc
  /// A form with files, `multipart/form-data`.
  case form
  /// What a person types into the search box.
  case search
  /// A file of a time zone, by whose clocks such a query is read.
  case zone
  /// What networks said of a film's frames in numbers.
  case vectors
  /// A network file, read and compiled by the engine. Slow, and in the hands of a large library.
  case network

  /// Targets that need no file and no large library.
  public static let pure: [FuzzTarget] = [
    .yaml, .manifest, .pipeline, .answer, .guess, .json, .infer, .rpc, .form, .search, .zone, .vectors,
  ]

  /// Goes through the target; any end but a return or a `Fault` is a mistake.
  ///
  /// `path` is where the bytes stand as a file, for targets that take one; a network's companions stand beside it.
  public func enter(_ bytes: [UInt8], file path: String) throws(Fault) {
    switch self {
    case .yaml: _ = try YAMLDocument.parse(bytes, name: "fuzz.yaml")
    case .manifest: _ = try Manifest.read(bytes: bytes)
    case .pipeline: try PipelineTarget.enter(bytes)
    case .video, .picture: try MediaTarget.look(at: path)
    case .sound: try MediaTarget.listen(to: path)
    case .index: try MediaTarget.index(bytes)
    case .answer: try AnswerTarget.enter(bytes)
    case .guess: AnswerTarget.guess(bytes)
    case .json: try ServiceTarget.json(bytes)
    case .infer: try ServiceTarget.infer(bytes)
    case .rpc: try ServiceTarget.rpc(bytes)
    case .form: try ServiceTarget.form(bytes)
    case .search: try SearchTarget.query(bytes)
    case .zone: try SearchTarget.zone(bytes)
    case .vectors: try VectorTarget.enter(bytes)
    case .http: try WebTarget.enter(bytes)
    case .http2: try WebTarget.enterFrames(bytes)
    case .sniff: try NetworkFile.inspect(path)
    case .words: _ = NetworkFacts(ofNetwork: path)
    case .network: try Self.compile(path)
    }
  }

  /// One for the process: starting it takes longer than reading a small network.
  private static let engine: Result<Engine, Fault> = Result { () throws(Fault) in try Engine(cacheFolder: nil) }

  private static func compile(_ path: String) throws(Fault) {
    let engine = try engine.get()
    let network = try engine.read(path)
    _ = Guess.make(inputs: network.inputs, outputs: network.outputs, labels: 0)
    var options = CompileOptions()
    (options.streams, options.threads) = (1, 1)
    let compiled = try CompiledNetwork(network, with: options, on: engine)
    let unit = try InferenceUnit(compiled)
    let inputs = compiled.inputs.map { spec in
      SharedBytes([UInt8](repeating: 0, count: spec.shape.reduce(spec.element.byteCount) { $0 * ($1 ?? 1) }))
    }
    do { try unit.submit(InferenceRequest(inputs, rows: 1, source: "") { _, _ in }) } catch { throw error.fault }
    unit.drain()
  }
}
