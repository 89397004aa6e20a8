import Base
import Catalog
import Glibc
import Isolation
import Jobs
import Library

/// Workers of a command's own, for as long as a job takes.
struct JobRun {
  private let desk: JobDesk
  private let workers: [SpawnedProcess]
  private let bar: ProgressBar

  init(_ desk: JobDesk, workers count: Int, _ arguments: Arguments) throws(Fault) {
    self.desk = desk
    bar = ProgressBar("job", isQuiet: arguments.has("quiet"))
    var words = ["worker", "--library", desk.library.path, "--with-parent", "\(getpid())"]
    if let models = arguments["models"] { words += ["--models", models] }
    var workers: [SpawnedProcess] = []
    for _ in 0..<count { workers.append(try SpawnedProcess(arguments: words, isTrusted: true)) }
    self.workers = workers
  }

  /// Until the job is over or held, or the user ends it; then the workers end in good order.
  func wait(for started: Job) throws(Fault) -> Job {
    let watch = Stopwatch()
    var job = started
    defer {
      bar.clear()
      for worker in workers { worker.terminate() }
      let deadline = Clock.now + 20_000_000_000
      while Clock.now < deadline, workers.contains(where: { !$0.hasEnded }) { Pause.short() }
    }
    while job.state == .running, !Interrupt.isAsked {
      SharedFlags.beat()
      Pause.short()
      guard workers.contains(where: { !$0.hasEnded }) else {
        throw Fault(.unavailable, "the workers of this command have all ended: 'ridley worker' tells why")
      }
      job = try desk.job(started.id.text, scope: .all)
      let detail = JobText.progress(job, seconds: watch.seconds)
      bar.show(share: job.isListed ? Double(job.progress) / 1e6 : nil, detail: detail)
    }
    return try desk.job(started.id.text, scope: .all)
  }
}

private enum Pause {
  static func short() { usleep(100_000) }
}
