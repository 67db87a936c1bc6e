#pragma once
// Allowed: media may include core.
#include "cinescribe/core/time.h"
