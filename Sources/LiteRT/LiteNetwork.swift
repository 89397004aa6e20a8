internal import Base
internal import CLiteRT
internal import Glibc
internal import Inference
internal import NetworkFormats

/// A network file that LiteRT has read.
@safe
final class LiteNetwork: OpenNetwork, @unchecked Sendable {  // set once; LiteRT only reads it afterwards
  let library: LiteLibrary
  private let raw: OpaquePointer
  /// As the file has them, with the library's own description.
  private let inputPorts: [Port]
  private let outputPorts: [Port]
  private let path: String

  struct Port {
    let spec: TensorSpec
    let type: LiteRtRankedTensorType
  }

  init(_ path: String, in library: LiteLibrary) throws(Fault) {
    (self.library, self.path) = (library, path)
    var made: OpaquePointer?
    let status = library.alone {
      unsafe library.functions.CreateModelFromFile(library.environment, path, &made)
    }
    guard status == 0, let made = unsafe made else {
      throw Fault(.badInput, "\(library.name) does not open it (status \(status))")
    }
    unsafe raw = made
    do throws(LiteError) { (inputPorts, outputPorts) = unsafe try Self.ports(of: made, library.functions) } catch {
      unsafe library.functions.DestroyModel(made)
      throw Fault(.badInput, "\(library.name) does not find its inputs and outputs", cause: error.words)
    }
  }

  deinit { library.alone { unsafe library.functions.DestroyModel(raw) } }

  var choice: EngineChoice { .litert }
  var engine: String { library.name }
  var inputs: [TensorSpec] { inputPorts.map(\.spec) }
  var outputs: [TensorSpec] { outputPorts.map(\.spec) }

  /// Those of the first signature; a file without any has one that is made of all.
  @unsafe
  private static func ports(
    of model: OpaquePointer, _ functions: LiteRtFunctions
  ) throws(LiteError) -> ([Port], [Port]) {
    var (signatures, inputs, outputs) = (0, 0, 0)
    unsafe try LiteError.check("GetNumModelSignatures", functions.GetNumModelSignatures(model, &signatures))
    var signature: OpaquePointer?
    unsafe try LiteError.check("GetModelSignature", functions.GetModelSignature(model, 0, &signature))
    unsafe try LiteError.check("GetNumSignatureInputs", functions.GetNumSignatureInputs(signature, &inputs))
    unsafe try LiteError.check("GetNumSignatureOutputs", functions.GetNumSignatureOutputs(signature, &outputs))
    var (found, given): ([Port], [Port]) = ([], [])
    for index in 0..<inputs {
      var tensor: OpaquePointer?
      unsafe try LiteError.check(
        "GetSignatureInputTensorByIndex", functions.GetSignatureInputTensorByIndex(signature, index, &tensor))
      found.append(unsafe try port(tensor, functions))
    }
    for index in 0..<outputs {
      var tensor: OpaquePointer?
      unsafe try LiteError.check(
        "GetSignatureOutputTensorByIndex", functions.GetSignatureOutputTensorByIndex(signature, index, &tensor))
      given.append(unsafe try port(tensor, functions))
    }
    return (found, given)
  }

  @unsafe
  private static func port(_ tensor: OpaquePointer?, _ functions: LiteRtFunctions) throws(LiteError) -> Port {
    var name: UnsafePointer<CChar>?
    unsafe try LiteError.check("GetTensorName", functions.GetTensorName(tensor, &name))
    var type = LiteRtRankedTensorType()
    unsafe try LiteError.check("GetRankedTensorType", functions.GetRankedTensorType(tensor, &type))
    let text = unsafe name.map { unsafe String(cString: $0) } ?? ""
    let spec = TensorSpec(name: text, shape: type.layout.shape, element: ElementType(liteRT: type.element))
    return Port(spec: spec, type: type)
  }

  func compile(_ setting: RuntimeSetting) throws(Fault) -> [any BatchRunner] {
    guard setting.batch == 1 else {
      throw Fault(.unsupported, "\(engine) runs one input at a time: run this network with batch 1")
    }
    for port in outputPorts where port.spec.element == .string {
      throw Fault(.unsupported, "the network's output '\(port.spec.name)' is text, or has no type that is known here")
    }
    var runners: [any BatchRunner] = []
    while runners.count < setting.streams { runners.append(try runner(setting)) }
    return runners
  }

  private func runner(_ setting: RuntimeSetting) throws(Fault) -> LiteRunner {
    let wanted = zip(inputPorts, setting.shapes).map { port, shape in
      Port(
        spec: TensorSpec(name: port.spec.name, shape: shape, element: port.spec.element),
        type: LiteRtRankedTensorType(element: port.type.element, layout: LiteRtLayout(shape.map { $0 ?? 1 })))
    }
    do throws(LiteError) {
      return try library.alone { () throws(LiteError) in
        unsafe try LiteRunner(
          self, raw, wanted, outputPorts, resizes: wanted.map(\.spec.shape) != inputs.map(\.shape), setting)
      }
    } catch {
      guard error.status != LiteError.untoldSides else {
        throw Fault(
          .unsupported, "\(engine) tells the size of its outputs only once it has run, and that is not taken here")
      }
      let own = ((try? TFLiteFile(path))?.customOperators ?? []).filter { $0 != "TFLite_Detection_PostProcess" }
      guard own.isEmpty else {
        throw Fault(
          .unsupported, "\(engine) does not have its operator \(own.joined(separator: ", "))", cause: error.words)
      }
      throw Fault(.unsupported, "\(engine) does not run it with such inputs", cause: error.words)
    }
  }
}

extension LiteRtLayout {
  init(_ sides: [Int]) {
    self.init()
    sideCount = UInt32(sides.count)
    unsafe withUnsafeMutableBytes(of: &self.sides) { bytes in
      let places = unsafe bytes.bindMemory(to: Int32.self)
      for (index, side) in sides.prefix(places.count).enumerated() { unsafe places[index] = Int32(side) }
    }
  }

  var shape: [Int?] {
    unsafe withUnsafeBytes(of: sides) { bytes in
      let places = unsafe bytes.bindMemory(to: Int32.self)
      return (0..<min(Int(sideCount & 127), places.count)).map { index in
        let side = unsafe places[index]
        return side < 0 ? nil : Int(side)
      }
    }
  }
}
