public import Base
public import Inference
internal import Isolation
internal import Loading
internal import ModelHub

/// What runs in the child: `ridley model-process`.
public enum ModelService {
  /// Tries a version out, or loads one and answers with it, for the process that started this one.
  ///
  /// `runtimes` are those of the program besides OpenVINO.
  /// - Throws: `usage` where no process of ridley did.
  public static func run(_ runtimes: [any NetworkRuntime]) throws(Fault) {
    guard let channel = ChildSide.channel() else {
      throw Fault(.usage, "this command is for ridley itself, which tries networks in processes of their own")
    }
    guard case .message(let message, nil) = channel.receive() else { throw FieldReader.nonsense }
    switch try Request(message) {
    case .tryOut(let order, let terms):
      enter(order, terms)
      try channel.send(
        answer { () throws(Fault) in
          .passed(try tryOut(order, runtimes) { try? channel.send(Answer.comparing.message) })
        }.message)
    case .load(let order, let terms):
      enter(order, terms)
      try serve(order, runtimes, channel)
    case .probe(let order, let terms):
      enter(order, terms)
      try channel.send(Answer.openDoors(Sandbox.openDoors()).message)
    case .share, .run: throw FieldReader.nonsense
    }
  }

  private static func enter(_ order: ModelOrder, _ terms: Request.Terms) {
    ChildSide.endFirstWithoutMemory()
    ChildSide.limit(parent: Int32(truncatingIfNeeded: terms.parent), memory: terms.memory)
    if let cache = order.cache { try? FileSystem.makeFolder(cache) }
    // Without Landlock it may do what the server may, as far as the system lets it.
    _ = Sandbox.enter(writingBelow: order.cache)
  }

  private static func answer(_ body: () throws(Fault) -> Answer) -> Answer {
    do throws(Fault) { return try body() } catch { return .failed(error) }
  }

  /// Does what a server would do with it, says what that took, and lets it go.
  private static func tryOut(
    _ order: ModelOrder, _ runtimes: [any NetworkRuntime], _ comparing: @escaping @Sendable () -> Void
  ) throws(Fault) -> NetworkNeed {
    let before = ProcessMemory.now.bytes
    let engine = try Engine(cacheFolder: order.cache, runtimes: runtimes, comparing: comparing)
    let version = try VersionModel(order.version, store: order.store, on: engine)
    var network: CompiledNetwork? = try version.compile(order.options, on: engine).network
    // What was kept is what the server takes.
    if network?.isFromCache == false, engine.cacheFolder != nil {
      network = nil
      network = try version.compile(order.options, on: engine).network
    }
    return need(network, since: before)
  }

  /// What the process has grown by, and what one more inference takes of the processor.
  private static func need(_ network: CompiledNetwork?, since before: Int) -> NetworkNeed {
    let memory = ProcessMemory.now
    return NetworkNeed(
      bytes: memory.bytes - before, loadingBytes: memory.mostBytes - before, seconds: network?.processorSeconds())
  }

  private static func serve(
    _ order: ModelOrder, _ runtimes: [any NetworkRuntime], _ channel: MessageChannel
  ) throws(Fault) {
    let (network, longest): (CompiledNetwork, Int?)
    do throws(Fault) {
      let engine = try Engine(cacheFolder: order.cache, runtimes: runtimes)
      let version = try VersionModel(order.version, store: order.store, on: engine)
      network = try version.compile(order.options, on: engine).network
      longest = version.texts?.recipe.length
    } catch {
      return try channel.send(Answer.failed(error).message)
    }
    let facts = NetworkFacts(
      inputs: network.inputs, outputs: network.outputs, batch: network.batch, precision: network.precision,
      engine: network.engine, runtime: network.runtime, notes: network.notes, check: network.checked,
      longestSide: longest)
    try channel.send(Answer.loaded(facts).message)
    guard case .message(let message, let descriptor?) = channel.receive(),
      case .share(let plan) = try Request(message)
    else { return }
    let service = try BatchService(network, plan, try SharedMemory(owning: descriptor, byteCount: plan.byteCount))
    try channel.send(Answer.shared.message)
    while case .message(let message, _) = channel.receive() {
      guard case .run(let rows, let byteCounts) = try Request(message) else { throw FieldReader.nonsense }
      try channel.send(answer { () throws(Fault) in .ran(try service.run(rows, byteCounts)) }.message)
    }
  }
}
