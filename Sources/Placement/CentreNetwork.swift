public import Base
public import Execution
internal import Inference
public import ModelHub

/// Models that a centre computes, each used as one that is loaded here.
public final class CentreNetwork {
  public let centre: Centre
  /// What went over the link, of all its models together.
  public let traffic = LinkTraffic()
  /// Questions on their way at the same time, of each model.
  let flight: Int
  private let lost = Monitor<Fault?>(nil)

  /// Questions on their way at the same time where nobody says how many.
  public static let usualFlight = 4

  public init(_ centre: Centre, flight: Int = usualFlight) { (self.centre, self.flight) = (centre, flight) }

  /// A model that the centre has, with what reads its answers here.
  ///
  /// Its files must be here too: they say what it is, and how pictures are put into it; its network is not loaded.
  /// - Throws: where the centre has not the same version; nothing was asked of it then.
  public func load(_ model: Model) throws(Fault) -> LoadedModel {
    let found = try centre.version(of: model, precision: model.manifest.precision)
    do throws(Fault) {
      return try PictureParts(found, of: model, host: centre.address.host).loaded(model, unit(of: found))
    } catch { throw error.at("model \(model.name)") }
  }

  /// Who answers for a version of the centre.
  func unit(of found: CentreModel) -> InferenceUnit {
    let lanes = (0..<flight).map { _ in CentreLane(found, centre.address, traffic, lost: lost) }
    return InferenceUnit(remote: lanes, inputs: found.inputs)
  }
}
