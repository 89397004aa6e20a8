import Base
import Inference
import Isolation
import Loading
import ModelHub
import Planning

/// A run that keeps to a profile: on its cores from the start, within its memory once its networks are known to fit.
struct AnalyzeProfile {
  private let profile: TaskProfile

  /// `nil` where nothing is bounded; from now on the process has the profile's cores.
  init?(_ arguments: Arguments) throws(Fault) {
    guard arguments["profile"] == TaskProfile.edge.name else { return nil }
    if let workers = try arguments.integer("workers", in: 1...ChildGroup.most), workers > 1 {
      throw arguments.refusal(
        "the profile 'edge' has one core, which several workers would only share: leave --workers out")
    }
    profile = TaskProfile.edge.within(memoryBytes: MachineMemory.byteCount, diskBytes: nil, of: "this machine")
    if !Processor.keep(to: Int(profile.cores)) {
      Terminal.complain(
        "ridley: the system does not keep this program to \(Int(profile.cores)) core: it may use more\n")
    }
  }

  /// Refuses networks that do not fit, before any of them is loaded; from then on this process has no more private memory than is the profile's.
  func keep(_ models: [Model], _ options: LoadOptions, on engine: Engine) throws(Fault) {
    let known = try Hub.standard().list()
    var planned: [ServicePlan.Model] = []
    for model in models {
      let bytes = model.manifest.files.reduce(0) { $0 + ((try? FileSystem.byteCount(of: model.path(of: $1))) ?? 0) }
      var one = ServicePlan.Model(
        model.name, need: try TrialMark(model, options, on: engine).need, fileBytes: bytes)
      one.lighter = LighterModels.of(model.name, fileBytes: bytes, among: known)
      planned.append(one)
    }
    try ServicePlan(profile, .files, planned).check()
    if let bytes = profile.privateBytes { ChildProcess.limit(memory: bytes) }
  }
}
