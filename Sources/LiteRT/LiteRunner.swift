internal import Base
internal import CLiteRT
internal import Glibc
internal import Inference

/// One compiled copy of a network, and memory for what goes in and comes out; used by one thread at a time.
@safe
final class LiteRunner: BatchRunner, @unchecked Sendable {  // used by one thread at a time
  let inputs: [TensorSpec]
  let outputs: [TensorSpec]
  /// Kept alive as long as what was compiled of it.
  private let network: LiteNetwork
  private let raw: OpaquePointer
  private let given: [Place]
  private let made: [Place]

  /// A tensor's memory, and the library's view of it.
  @safe
  private final class Place: @unchecked Sendable {  // its runner's thread alone uses it
    let memory: GuardedMemory
    let byteCount: Int
    let raw: OpaquePointer
    private let library: LiteLibrary

    /// With room for `least` bytes, where that is more than the tensor takes.
    init(_ port: LiteNetwork.Port, least: Int = 0, _ library: LiteLibrary) throws(LiteError) {
      self.library = library
      byteCount = port.spec.shape.reduce(port.spec.element.byteCount) { $0 * ($1 ?? 1) }
      guard let memory = GuardedMemory(byteCount: max(least, byteCount)) else {
        throw LiteError(call: "CreateTensorBufferFromHostMemory", status: 2)
      }
      self.memory = memory
      var (type, made): (LiteRtRankedTensorType, OpaquePointer?) = (port.type, nil)
      unsafe try LiteError.check(
        "CreateTensorBufferFromHostMemory",
        library.functions.CreateTensorBufferFromHostMemory(
          &type, memory.bytes.baseAddress, memory.bytes.count, nil, &made))
      unsafe raw = made!
    }

    deinit { unsafe library.functions.DestroyTensorBuffer(raw) }
  }

  var batch: Int { 1 }

  init(
    _ network: LiteNetwork, _ model: OpaquePointer, _ inputPorts: [LiteNetwork.Port], _ outputPorts: [LiteNetwork.Port],
    resizes: Bool, _ setting: RuntimeSetting
  ) throws(LiteError) {
    let library = network.library
    let raw = unsafe try Self.compiled(model, setting, library)
    do throws(LiteError) {
      if resizes { unsafe try Self.resize(raw, inputPorts, library.functions) }
      let settled = unsafe try Self.settled(outputPorts, raw, library.functions)
      given = try inputPorts.map { (port) throws(LiteError) in try Place(port, library) }
      unsafe try Self.refuseOpen(settled, raw, given, library)
      made = try settled.map { (port) throws(LiteError) in try Place(port, library) }
      (inputs, outputs) = (inputPorts.map(\.spec), settled.map(\.spec))
    } catch {
      unsafe library.functions.DestroyCompiledModel(raw)
      throw error
    }
    unsafe (self.network, self.raw) = (network, raw)
  }

  deinit {
    let (library, raw) = unsafe (network.library, raw)
    library.alone { unsafe library.functions.DestroyCompiledModel(raw) }
  }

  private static func compiled(
    _ model: OpaquePointer, _ setting: RuntimeSetting, _ library: LiteLibrary
  ) throws(LiteError) -> OpaquePointer {
    let functions = library.functions
    var options: OpaquePointer?
    unsafe try LiteError.check("CreateOptions", functions.CreateOptions(&options))
    defer { unsafe functions.DestroyOptions(options) }
    // The processor, on so many threads, with XNNPACK (0) or the library's own kernels (2); the text is freed by the library.
    let words = "num_threads = \(setting.threads)\nkernel_mode = \(setting.isPlain ? 2 : 0)\n"
    unsafe try LiteError.check("SetOptionsHardwareAccelerators", functions.SetOptionsHardwareAccelerators(options, 1))
    var own: OpaquePointer?
    unsafe try LiteError.check(
      "CreateOpaqueOptions",
      functions.CreateOpaqueOptions("xnnpack", strdup(words), { unsafe free($0) }, &own))
    unsafe try LiteError.check("AddOpaqueOptions", functions.AddOpaqueOptions(options, own))
    var made: OpaquePointer?
    unsafe try LiteError.check(
      "CreateCompiledModel", functions.CreateCompiledModel(library.environment, model, options, &made))
    return unsafe made!
  }

  private static func resize(
    _ raw: OpaquePointer, _ ports: [LiteNetwork.Port], _ functions: LiteRtFunctions
  ) throws(LiteError) {
    for (index, port) in ports.enumerated() {
      let sides = port.spec.shape.map { Int32($0 ?? 1) }
      unsafe try LiteError.check(
        "CompiledModelResizeInputTensor",
        functions.CompiledModelResizeInputTensor(raw, 0, index, sides, sides.count))
    }
  }

  /// Outputs with the sides that they have once everything has its place; operators that are missing show here.
  private static func settled(
    _ ports: [LiteNetwork.Port], _ raw: OpaquePointer, _ functions: LiteRtFunctions
  ) throws(LiteError) -> [LiteNetwork.Port] {
    var layouts = [LiteRtLayout](repeating: LiteRtLayout(), count: ports.count)
    unsafe try LiteError.check(
      "GetCompiledModelOutputTensorLayouts",
      functions.GetCompiledModelOutputTensorLayouts(raw, 0, layouts.count, &layouts, true))
    return zip(ports, layouts).map { port, layout in
      let sides = layout.shape.map { $0 ?? 1 }
      return LiteNetwork.Port(
        spec: TensorSpec(name: port.spec.name, shape: sides, element: port.spec.element),
        type: LiteRtRankedTensorType(element: port.type.element, layout: LiteRtLayout(sides)))
    }
  }

  /// Runs zeros once into places with room for more, and looks whether the outputs have the sides that were told before.
  ///
  /// Some files state sides that are not those of what comes out.
  private static func refuseOpen(
    _ ports: [LiteNetwork.Port], _ raw: OpaquePointer, _ given: [Place], _ library: LiteLibrary
  ) throws(LiteError) {
    let places = try ports.map { (port) throws(LiteError) in try Place(port, least: mostUntold, library) }
    // The library knows their bare addresses alone: optimised, Swift would let them go before they are used.
    defer { withExtendedLifetime(places) {} }
    var (inputPlaces, outputPlaces): ([OpaquePointer?], [OpaquePointer?]) = unsafe (given.map(\.raw), places.map(\.raw))
    unsafe try LiteError.check(
      "RunCompiledModel",
      library.functions.RunCompiledModel(
        raw, 0, inputPlaces.count, &inputPlaces, outputPlaces.count, &outputPlaces))
    var layouts = [LiteRtLayout](repeating: LiteRtLayout(), count: ports.count)
    unsafe try LiteError.check(
      "GetCompiledModelOutputTensorLayouts",
      library.functions.GetCompiledModelOutputTensorLayouts(raw, 0, layouts.count, &layouts, false))
    for (port, layout) in zip(ports, layouts) where port.spec.shape != layout.shape {
      throw LiteError(call: "RunCompiledModel", status: LiteError.untoldSides)
    }
  }

  /// Bytes of an output whose sides the file does not tell; one that takes more ends the process that tries it.
  private static let mostUntold = 64 << 20

  func run(_ portions: [[SharedBytes]], rows: Int) throws(Fault) -> [BatchOutput] {
    guard portions.count == 1, portions[0].count == given.count else {
      throw Fault(.bug, "LiteRT runs one input at a time")
    }
    for (place, bytes) in zip(given, portions[0]) {
      guard bytes.count == place.byteCount else { throw Fault(.bug, "an input does not fit its network") }
      unsafe place.memory.bytes.copyMemory(from: bytes.pointer)
    }
    var (inputPlaces, outputPlaces): ([OpaquePointer?], [OpaquePointer?]) = unsafe (given.map(\.raw), made.map(\.raw))
    let status = unsafe network.library.functions.RunCompiledModel(
      raw, 0, inputPlaces.count, &inputPlaces, outputPlaces.count, &outputPlaces)
    do throws(LiteError) { try LiteError.check("RunCompiledModel", status) } catch {
      throw Fault(.unavailable, "the inference failed", cause: error.words)
    }
    return zip(outputs, made).map { spec, place in
      BatchOutput(
        sides: spec.shape.map { $0 ?? 1 },
        bytes: unsafe SharedBytes(UnsafeRawBufferPointer(place.memory.bytes), of: place.memory))
    }
  }
}
