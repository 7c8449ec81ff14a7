#include "auth/auth.h"

void auth_settings_default(struct auth_settings *settings)
{
    *settings = (struct auth_settings){
        .shortest_rsa = 1024, .most_signatures = 20, .most_spf_lookups = 10, .most_void_lookups = 2, .clock_skew = 300};
}
