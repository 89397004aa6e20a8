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
  /// By the loaded version and all that was recorded of it.
  private let known = Monitor<[String: RegistryFolder.Standing]>([:])

  init(_ registry: ModelRegistry, _ models: ModelRepository, _ pictures: PictureDesk) {
    (self.registry, self.models, self.pictures) = (registry, models, pictures)
  }

  func standing(_ model: String, _ number: Int) -> RegistryFolder.Standing {
    let known = models.list().first { $0.model == model }?.versions.first { $0.version == "\(number)" }
    return switch known?.state {
    case .ready(let served): examined(served, number)
    case .unavailable(let fault): .refused(fault.message)
    case .loading, nil: .waiting
    }
  }

  private func examined(_ served: ServedVersion, _ number: Int) -> RegistryFolder.Standing {
    do throws(Fault) {
      let sets = try registry.examples(of: served.model, version: number)
      let key = ([served.model, "\(number)", served.digest] + sets.map(\.id.text)).joined(separator: " ")
      if let standing = known.update({ $0[key] }) { return standing }
      let version = try registry.find("\(number)", of: served.model)
      guard served.digest == version.digest else {
        return .wrong("its digest is \(served.digest) here, and \(version.digest) was published")
      }
      let standing: RegistryFolder.Standing
      do throws(Fault) {
        if !sets.isEmpty { try run(served).check(version, of: registry) }
        standing = .ready
      } catch {
        // What is only busy is asked again.
        if [.exhausted, .unavailable].contains(error.kind) { return .waiting }
        standing = .wrong(error.message)
      }
      known.update { $0[key] = standing }
      return standing
    } catch { return .waiting }
  }

  private func run(_ served: ServedVersion) -> ExampleRun {
    ExampleRun(
      target: served, inputs: served.inputs, pipeline: served.pipeline(every: 1), desk: pictures,
      computation: .init(engine: served.engine, precision: served.precision, device: served.device),
      threshold: served.picture?.recipe.output.threshold ?? 0)
  }
}
