/* ocispec: the one header that users of libocispec-lite include. */
#pragma once
#include "libocispec-lite/arena.h"
#include "libocispec-lite/config.h"
#include "libocispec-lite/decode.h"
#include "libocispec-lite/encode.h"
#include "libocispec-lite/schema.h"
#include "libocispec-lite/state.h"
#include "libocispec-lite/stats.h"

#define OCI_SPEC_VERSION "1.3.0"
