#include "producer/callback_scope.h"

namespace tidemark {
inline namespace v0 {
namespace {

thread_local const CallbackScope* current_scope = nullptr;

}  // namespace

CallbackScope::CallbackScope(const void* owner)
    : owner_(owner), outer_(current_scope) {
  current_scope = this;
}

CallbackScope::~CallbackScope() { current_scope = outer_; }

bool CallbackScope::IsInside(const void* owner) {
  for (const CallbackScope* scope = current_scope; scope != nullptr;
       scope = scope->outer_) {
    if (scope->owner_ == owner) return true;
  }
  return false;
}

}  // namespace v0
}  // namespace tidemark
