internal import Base
internal import CONNXRuntime
internal import Glibc
internal import Inference

/// Runs batches in a session, for one thread at a time.
@safe
final class SessionRunner: BatchRunner, @unchecked Sendable {  // used by one thread at a time
  let inputs: [TensorSpec]
  let outputs: [TensorSpec]
  let batch: Int
  private let session: Session
  private let names: PortLabels
  private let places: [BatchInput]

  init(_ session: Session, _ setting: RuntimeSetting) {
    (self.session, batch) = (session, setting.batch)
    inputs = zip(session.inputs, setting.shapes).map { port, shape in
      TensorSpec(name: port.spec.name, shape: shape, element: port.spec.element)
    }
    outputs = session.outputs.map(\.spec)
    names = PortLabels(inputs: inputs.map(\.name), outputs: outputs.map(\.name))
    places = inputs.map { spec in
      BatchInput(byteCount: spec.shape.reduce(spec.element.byteCount) { $0 * ($1 ?? setting.batch) })
    }
  }

  func run(_ portions: [[SharedBytes]], rows: Int) throws(Fault) -> [BatchOutput] {
    let bytes = try inputs.indices.map { (index) throws(Fault) in try places[index].gathered(portions, input: index) }
    do throws(RuntimeError) {
      var values: [OpaquePointer?] = unsafe []
      defer { for index in unsafe values.indices { unsafe session.library.functions.ReleaseValue(values[index]) } }
      for (spec, bytes) in zip(inputs, bytes) { unsafe values.append(try tensor(bytes, spec, rows: rows)) }
      let made = unsafe try infer(values)
      withExtendedLifetime(bytes) {}
      return try made.enumerated().map { (index, value) throws(RuntimeError) in
        try output(value, as: outputs[index].element)
      }
    } catch { throw error.ofRun }
  }

  private func tensor(_ bytes: SharedBytes, _ spec: TensorSpec, rows: Int) throws(RuntimeError) -> OpaquePointer? {
    let functions = session.library.functions
    let sides = spec.sides(rows: rows, byteCount: bytes.count).map { Int64($0) }
    var made: OpaquePointer?
    // It only reads inputs.
    let start = unsafe UnsafeMutableRawPointer(mutating: bytes.pointer.baseAddress)
    unsafe try functions.check(
      "CreateTensorWithDataAsOrtValue",
      functions.CreateTensorWithDataAsOrtValue(
        session.library.memory, start, bytes.count, sides, sides.count, spec.element.onnx, &made))
    return unsafe made
  }

  private func infer(_ values: [OpaquePointer?]) throws(RuntimeError) -> [OutputValue] {
    let functions = session.library.functions
    var made = unsafe [OpaquePointer?](repeating: nil, count: outputs.count)
    let status = unsafe names.lend { inputNames, outputNames in
      unsafe functions.Run(
        session.raw, nil, inputNames, values, values.count, outputNames, made.count, &made)
    }
    let owned = unsafe made.map { unsafe $0.map { unsafe OutputValue($0, session.library) } }
    unsafe try functions.check("Run", status)
    return owned.compactMap { $0 }
  }

  private func output(_ value: OutputValue, as element: ElementType) throws(RuntimeError) -> BatchOutput {
    let functions = session.library.functions
    var info: OpaquePointer?
    unsafe try functions.check("GetTensorTypeAndShape", functions.GetTensorTypeAndShape(value.raw, &info))
    defer { unsafe functions.ReleaseTensorTypeAndShapeInfo(info) }
    let sides = unsafe try functions.sides(of: info!).map { Int($0) }
    var start: UnsafeMutableRawPointer?
    unsafe try functions.check("GetTensorMutableData", functions.GetTensorMutableData(value.raw, &start))
    let count = sides.reduce(element.byteCount, *)
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
    return BatchOutput(sides: sides, bytes: unsafe SharedBytes(bytes, of: value))
  }
}

/// A tensor that the library made, freed when nobody reads it any more.
@safe
private final class OutputValue: @unchecked Sendable {  // read only
  let raw: OpaquePointer
  private let library: RuntimeLibrary

  @unsafe
  init(_ raw: OpaquePointer, _ library: RuntimeLibrary) { unsafe (self.raw, self.library) = (raw, library) }

  deinit { unsafe library.functions.ReleaseValue(raw) }
}

/// The names of a network's inputs and outputs as the library wants them: made once, for they go along with every run.
@safe
private final class PortLabels: @unchecked Sendable {  // never written
  private let texts: [UnsafeMutablePointer<CChar>]
  private let inputs: [UnsafePointer<CChar>?]
  private let outputs: [UnsafePointer<CChar>?]

  init(inputs: [String], outputs: [String]) {
    unsafe texts = (inputs + outputs).map { unsafe strdup($0)! }
    unsafe self.inputs = texts.prefix(inputs.count).map { unsafe UnsafePointer($0) }
    unsafe self.outputs = texts.dropFirst(inputs.count).map { unsafe UnsafePointer($0) }
  }

  deinit { for index in unsafe texts.indices { unsafe free(texts[index]) } }

  @unsafe
  func lend<Result>(_ body: ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) -> Result) -> Result {
    unsafe body(inputs, outputs)
  }
}
