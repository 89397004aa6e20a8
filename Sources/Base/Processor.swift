internal import Glibc

/// The machine's cores, as far as this process may use them.
public enum Processor {
  public static let count = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}
