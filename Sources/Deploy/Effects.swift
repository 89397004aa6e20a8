internal import Base

/// What a step costs or does besides, in words for whoever reads a plan.
enum Effects {
  static func of(_ step: PlanStep, absent byteCount: Int?) -> String {
    let writes = !step.differences.isEmpty || !step.hidden.isEmpty
    if step.action == .adopt, !writes { return "nothing is written: it is as it shall be" }
    switch (step.key.kind, step.action) {
    case (.alias, _): return alias(step, byteCount)
    case (.pipeline, .create): return "it is put together from the models that are served"
    case (.pipeline, _):
      return "requests go by it with the next one, and streams with their next picture; events that are open end"
    case (.target, .create): return "what happens from now on is told; what happened before is not"
    case (.target, _): return "what waits for it is told to the new one; one that was paused goes on"
    case (.stream, .create): return "its source is connected to; its models are held in memory"
    case (.stream, _):
      return
        "its source is connected to anew, events that are open end, and what zones, lines and rules count begins at 0"
    case (.alert, .create): return "asked of what comes from now on"
    case (.alert, _): return "taken away and made anew: what comes between the two is not asked about"
    }
  }

  private static func alias(_ step: PlanStep, _ byteCount: Int?) -> String {
    let alias = step.key.name.split(separator: "/").last.map(String.init) ?? ""
    let version = step.after?.string("version") ?? ""
    let load = byteCount.map { ", which loads \(Units.text(bytes: $0))" } ?? ""
    let who = alias == "live" ? "requests that name no version, or live," : "requests that name \(alias)"
    return "\(who) go to version \(version) with the next one\(load)"
  }

  static func destroying(_ key: ThingKey) -> String {
    switch key.kind {
    case .alias:
      return key.name.hasSuffix("/live")
        ? "requests that name no version go to the newest one that is ready" : "requests that name it are answered 404"
    case .pipeline: return "requests that name it are answered 404, and streams that use it are only shown"
    case .target: return "what it was still to be told is lost"
    case .stream: return "it is watched no more, and what was drawn for it goes; its events stay"
    case .alert: return "what it told stays"
    }
  }
}
