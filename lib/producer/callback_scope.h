#ifndef TIDEMARK_LIB_PRODUCER_CALLBACK_SCOPE_H_
#define TIDEMARK_LIB_PRODUCER_CALLBACK_SCOPE_H_

namespace tidemark {
inline namespace v0 {

// Says of the calling thread, for a scope, that it runs a callback for `owner`,
// so that calls which would wait for the callback's end can be refused.
//
// Scopes nest. They belong to one thread; another one does not see them. The
// owner is compared and never touched.
class CallbackScope {
 public:
  explicit CallbackScope(const void* owner);
  ~CallbackScope();

  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;

  // True when a scope of `owner` is open in the calling thread.
  static bool IsInside(const void* owner);

 private:
  const void* const owner_;
  const CallbackScope* const outer_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PRODUCER_CALLBACK_SCOPE_H_
