import Base
import Catalog
import Execution
import Registry
import Serving
import Vision

/// How versions of the registry stand in a server: loaded, and answering their recorded inputs as they did.
///
/// A version is shown its inputs once, and again where more were recorded. For any thread that may block.
final class ExampleWatch: Sendable {
  private let registry: ModelRegistry
  private let models: ModelRepository
  private let pictures: PictureDesk
  private struct State {
    /// By the loaded version and all that was recorded of it.
    var known: [String: RegistryFolder.Standing] = [:]
    /// By the same: those that are being looked at.
    var running: Set<String> = []
    /// Those that were too busy to answer: how often, and when they are asked again, in monotonic nanoseconds.
    var busy: [String: (count: Int, next: UInt64)] = [:]
    /// Versions that are to be looked at, by model.
    var asked: [String: Set<Int>] = [:]
  }

  private let state = Monitor(State())
  /// Nanoseconds until a version that was too busy is asked again, doubled each time, and the most of them.
  private static let (patience, mostPatience): (UInt64, UInt64) = (2_000_000_000, 60_000_000_000)

  init(_ registry: ModelRegistry, _ models: ModelRepository, _ pictures: PictureDesk) {
    (self.registry, self.models, self.pictures) = (registry, models, pictures)
  }

  /// How it stands, once it has answered its recorded inputs.
  func standing(_ model: String, _ number: Int) -> RegistryFolder.Standing {
    standing(model, number, isLooking: true)
  }

  /// The same without waiting: `waiting` until ``lookAtAsked()`` has looked.
  func known(_ model: String, _ number: Int) -> RegistryFolder.Standing {
    standing(model, number, isLooking: false)
  }

  /// Looks at the versions whose standing was asked for and was not known.
  func lookAtAsked() {
    let asked = state.update { state in
      defer { state.asked = [:] }
      return state.asked
    }
    for (model, numbers) in asked { for number in numbers { _ = standing(model, number) } }
  }

  private func standing(_ model: String, _ number: Int, isLooking: Bool) -> RegistryFolder.Standing {
    let known = models.list().first { $0.model == model }?.versions.first { $0.version == "\(number)" }
    return switch known?.state {
    case .ready(let served): examined(served, number, isLooking)
    case .unavailable(let fault): .refused(fault.message)
    case .loading, nil: .waiting
    }
  }

  private func examined(_ served: ServedVersion, _ number: Int, _ isLooking: Bool) -> RegistryFolder.Standing {
    do throws(Fault) {
      let sets = try registry.examples(of: served.model, version: number)
      let key = ([served.model, "\(number)", served.digest] + sets.map(\.id.text)).joined(separator: " ")
      if let standing = state.update({ $0.known[key] }) { return standing }
      let version = try registry.find("\(number)", of: served.model)
      guard served.digest == version.digest else {
        return .wrong("its digest is \(served.digest) here, and \(version.digest) was published")
      }
      guard isLooking || sets.isEmpty else {
        state.update { _ = $0.asked[served.model, default: []].insert(number) }
        return .waiting
      }
      return sets.isEmpty ? keep(.ready, key) : look(served, version, key)
    } catch { return .waiting }
  }

  /// Has it answer its recorded inputs, where nobody has yet, and after a while where it was too busy.
  private func look(_ served: ServedVersion, _ version: RegisteredVersion, _ key: String) -> RegistryFolder.Standing {
    let isMine = state.wait(until: { state -> Bool? in
      guard !state.running.contains(key) else { return nil }
      guard state.known[key] == nil, state.busy[key].map({ Clock.now >= $0.next }) ?? true else { return false }
      return state.running.insert(key).inserted
    })
    guard isMine else { return state.update { $0.known[key] } ?? .waiting }
    do throws(Fault) {
      try run(served).check(version, of: registry)
      return keep(.ready, key)
    } catch {
      guard [.exhausted, .unavailable].contains(error.kind) else { return keep(.wrong(error.message), key) }
      state.update { state in
        let count = state.busy[key]?.count ?? 0
        let rest = min(Self.patience << UInt64(min(count, 10)), Self.mostPatience)
        state.busy[key] = (count + 1, Clock.now + rest)
        state.running.remove(key)
      }
      return .waiting
    }
  }

  private func keep(_ standing: RegistryFolder.Standing, _ key: String) -> RegistryFolder.Standing {
    state.update { state in
      state.known[key] = standing
      state.busy[key] = nil
      state.running.remove(key)
    }
    return standing
  }

  private func run(_ served: ServedVersion) -> ExampleRun {
    ExampleRun(
      target: served, inputs: served.inputs, pipeline: served.pipeline(every: 1), desk: pictures,
      computation: .init(engine: served.engine, precision: served.precision, device: served.device),
      threshold: served.picture?.recipe.output.threshold ?? 0)
  }
}
