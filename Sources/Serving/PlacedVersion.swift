public import Execution
internal import Inference

/// A version as a pipeline with a cut uses it: computed on that side of the cut on which its network is.
final class PlacedVersion: InferenceTarget {
  private let served: ServedVersion
  private let place: UnitPlace
  /// What keeps it in memory meanwhile, where that is wanted.
  private let held: HeldVersion?

  init(_ served: ServedVersion, at place: UnitPlace, _ held: HeldVersion?) {
    (self.served, self.place, self.held) = (served, place, held)
  }

  var batch: Int { served.batch }
  var streams: Int { served.streams(at: place) }
  var far: FarCapacity? { served.far(at: place) }
  func submit(_ request: InferenceRequest) throws(AdmissionRefusal) { try served.submit(request, at: place) }
  func cancel(_ request: InferenceRequest) { served.cancel(request) }
}

extension ServedVersion {
  /// Who answers for a pipeline that wants it computed at `asked`; what the server's settings say of the model counts more.
  func target(isHeld: Bool, at asked: UnitPlace?) -> any InferenceTarget {
    let held = isHeld ? HeldVersion(self) : nil
    guard let asked, !loader.isPlaceSaid, units != nil else { return held ?? self }
    return PlacedVersion(self, at: asked, held)
  }

  public var far: FarCapacity? { far(at: place) }

  func far(at place: UnitPlace) -> FarCapacity? {
    place == .local ? nil : units?.capacity(isAlone: place == .remote)
  }
}
