public import Base
public import Catalog
internal import Items
internal import Library
internal import Store

extension TriggerDesk {
  /// Looks whether pipelines are other ones by now, and has triggers start what they are from now on.
  ///
  /// A trigger on models starts its pipeline over all that it is about, once for each digest that it comes to. The first fault is thrown at the end.
  public func renew(_ pin: (Job.Pinned) throws(Fault) -> Job.Pinned) throws(Fault) {
    var (found, first) = ([String: Job.Pinned](), Fault?.none)
    for trigger in try TriggerStart.known(jobs).map(\.trigger) where !trigger.isPaused {
      let old = trigger.pipeline
      let place = "\(old.folder)\0\(old.series)\0\(old.text)"
      do throws(Fault) {
        let new = if let known = found[place] { known } else { try pin(old) }
        found[place] = new
        if new.digest != old.digest { try take(new, trigger) }
      } catch { first = first ?? error.at("the pipeline of the trigger \(trigger.id)") }
    }
    if let first { throw first }
  }

  private func take(_ pinned: Job.Pinned, _ old: Trigger) throws(Fault) {
    let start = TriggerStart(jobs)
    let request = (key: "trigger-\(old.id)-\(pinned.digest)", digest: pinned.digest)
    try library.change("the trigger '\(old.id)'") { () throws(Fault) in
      guard let item = try library.table.get(LibraryKeys.trigger(old.client, old.id)) else { return ([], ()) }
      var known = try TriggerChange.Known(item)
      guard !known.trigger.isPaused, known.trigger.pipeline.digest == old.pipeline.digest,
        let client = try start.open(old.client)
      else { return ([], ()) }
      known.trigger.pipeline = pinned
      let mark = LibraryKeys.jobRequest(client: old.client, key: request.key)
      let isStarted = try library.table.get(mark) != nil
      guard old.event == .model, !isStarted else {
        return (TriggerChange.update(known.trigger, at: known.version), ())
      }
      let job = start.job(of: known.trigger)
      let writes = TriggerChange.start(known, job, request: request)
      return (writes + [TriggerChange.open(old.client, at: client)], ())
    }
    try start.handOut()
  }
}
